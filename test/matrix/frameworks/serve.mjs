/** Serves one of `apps/` with the packages of the folder that `load` belongs to; `loadAll` gives all that a module exports. */
export async function serve(load, loadAll = load) {
  const { build } = await import(`./apps/${process.argv[2]}.mjs`)
  const server = await build(load, loadAll)
  if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  console.log(`listening ${server.address().port}`)
}
