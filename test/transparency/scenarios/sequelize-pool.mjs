// packages: sequelize-pool
// without-spans: its connections are counted, nothing is traced
export default async function ({ load, say, attempt }) {
  const { Pool, TimeoutError } = await load('sequelize-pool')
  say('functions', Pool, Pool.prototype.acquire, Pool.prototype.release, TimeoutError)
  let made = 0
  const pool = new Pool(
    Object.freeze({
      name: 'p',
      create: async () => ({ id: ++made }),
      destroy: async () => {},
      validate: () => true,
      max: 1,
      min: 0,
      acquireTimeoutMillis: 50,
    }),
  )
  const first = await attempt('acquired', () => pool.acquire())
  say('counts', pool.size, pool.available, pool.using, pool.waiting)
  await attempt('timed out', () => pool.acquire())
  await attempt('released', () => pool.release(first))
  await attempt('released twice', () => pool.release(first))
  await attempt('drained', () => pool.drain())
  await attempt('after the end', () => pool.acquire())
  await pool.destroyAllNow()
}
