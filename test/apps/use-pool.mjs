/** A pool of worker threads, of the package that the first argument names, does as many tasks as the second says. */
const [name, tasks] = process.argv.slice(2)
const { default: Pool, Piscina = Pool } = await import(name)
const pool = new Piscina({ filename: new URL('pool-task.mjs', import.meta.url).href, maxThreads: 3 })
const results = await Promise.all(Array.from({ length: Number(tasks) }, (_, task) => pool.run(task)))
await pool.destroy()
console.log(`sum ${results.reduce((sum, result) => sum + result, 0)}`)
