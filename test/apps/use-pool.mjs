/**
 * A pool of worker threads, of the package that the first argument names, does as many tasks as the second says. With a third
 * it waits, with the pool, for SIGUSR2, and without it for SIGKILL.
 */
const [name, tasks, waits] = process.argv.slice(2)
const { default: Pool, Piscina = Pool } = await import(name)
// As many at least: a thread too many is terminated in the moment of its last result, and tells nothing any more.
const pool = new Piscina({ filename: new URL('pool-task.mjs', import.meta.url).href, minThreads: 3, maxThreads: 3 })
const results = await Promise.all(Array.from({ length: Number(tasks) }, (_, task) => pool.run(task)))
console.log(`sum ${results.reduce((sum, result) => sum + result, 0)}`)
if (waits !== undefined) {
  setInterval(() => {}, 1000)
  await new Promise((resolve) => process.once('SIGUSR2', resolve))
}
await pool.destroy()
if (waits !== undefined) console.log('destroyed')
