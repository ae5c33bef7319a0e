/** Serves one of `apps/` with the packages of the folder that `load` belongs to. */
export async function serve(load) {
  const { build } = await import(`./apps/${process.argv[2]}.mjs`)
  const server = await build(load)
  if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  console.log(`listening ${server.address().port}`)
}
