/**
 * Serves those of `apps/` that the arguments name, one after the other and each on a port of its own, with the packages of the
 * folder that `load` belongs to. `loadAll` gives all that a module exports.
 */
export async function serve(load, loadAll = load) {
  for (const name of process.argv.slice(2)) {
    const { build } = await import(`./apps/${name}.mjs`)
    const server = await build(load, loadAll)
    if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    console.log(`listening ${server.address().port}`)
  }
}
