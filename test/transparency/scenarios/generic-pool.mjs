// packages: generic-pool
import { AsyncLocalStorage } from 'node:async_hooks'

export default async function ({ loadDefault, say, attempt }) {
  const pools = await loadDefault('generic-pool')
  say('exports', Object.keys(pools).toSorted())
  if (pools.createPool === undefined) return callbacks(pools, { say })
  let made = 0
  const factory = Object.freeze({ create: async () => ({ id: ++made }), destroy: async () => {} })
  const options = Object.freeze({ max: 1 })
  const pool = pools.createPool(factory, options)
  say('acquire', pool.acquire, pool.use)
  say('inputs', factory, options)
  const first = await attempt('acquired', () => pool.acquire())
  const requests = new AsyncLocalStorage()
  const waiting = requests.run('the second', async () => {
    const resource = await pool.acquire(1)
    say('context of who waited', requests.getStore())
    return resource
  })
  say('counts', pool.size, pool.pending, pool.borrowed, pool.available)
  await pool.release(first)
  await pool.release(await waiting)
  await attempt('used', () => pool.use(async ({ id }) => `used ${id}`))
  await attempt('use rejects', () =>
    pool.use(async () => {
      throw Object.assign(new RangeError('no use'), { code: 'E_USE' })
    }),
  )
  let failures = 0
  const failing = async () => {
    failures += 1
    if (failures > 3) return {}
    throw new Error('cannot create')
  }
  const broken = pools.createPool({ create: failing, destroy: async () => {} }, { max: 1 })
  broken.on('factoryCreateError', (error) => say('factoryCreateError', error.message))
  await attempt('acquired in the end', () => broken.acquire())
  await pool.drain()
  await pool.clear()
  await attempt('acquire after drain', () => pool.acquire())
}

async function callbacks({ Pool }, { say }) {
  let made = 0
  const pool = new Pool({
    name: 'old',
    create: (done) => done(null, { id: ++made }),
    destroy: () => {},
    max: 1,
    log: false,
  })
  say('acquire', pool.acquire)
  const acquired = () => new Promise((resolve) => pool.acquire((error, resource) => resolve([error, resource])))
  const [error, first] = await acquired()
  say('acquired', error, first)
  const second = acquired()
  say('counts', pool.getPoolSize(), pool.waitingClientsCount())
  pool.release(first)
  say('second', await second)
  pool.release(first)
  await new Promise((resolve) => pool.drain(resolve))
  pool.destroyAllNow()
  try {
    pool.acquire(() => {})
  } catch (thrown) {
    say('acquire after drain', thrown.message)
  }
}
