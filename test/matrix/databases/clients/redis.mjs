import { elsewhere, failing } from '../support.mjs'

export const service = 'redis'
export const attributes = { 'db.system.name': 'redis' }
/** A connection is no operation. */
export const unmeasured = /^redis\.connect$/

export async function setUp(load, env) {
  const { createClient, createClientPool } = await load('redis')
  const client = createClient({ url: env.REDIS_URL })
  await client.connect()
  // Other clients use the same server.
  await client.del(['k', 'a', 'b'])
  const pool = await createClientPool?.({ url: env.REDIS_URL }, { minimum: 1, maximum: 1, acquireTimeout: 0 }).connect()
  return { createClient, createClientPool, client, pool, url: env.REDIS_URL }
}

/** Takes the only client of the pool, outside of the request. */
function hold(pool) {
  let release
  elsewhere(() => pool.execute(() => new Promise((resolve) => (release = resolve))))
  return { release: () => release() }
}

const ERROR = 'ReplyError|ErrorReply|SimpleError'
const ZERO = { 'db.namespace': '0' }

export const steps = {
  promise: {
    async run({ client }, mark) {
      await client.hSet('k', 'field', 'secret')
      mark('after await')
      await client.hGetAll('k')
      await client.mGet(['a', 'b'])
      await client.sendCommand(['SET', 'a', 'secret'])
    },
    spans: [
      { name: 'HSET', text: 'HSET k ?', attributes: ZERO },
      { name: 'HGETALL', text: 'HGETALL k', attributes: ZERO },
      { name: 'MGET', text: 'MGET a b', attributes: ZERO },
      { name: 'SET', text: 'SET a ?', attributes: { 'db.operation.name': 'SET' } },
    ],
  },
  'transaction and pipeline': {
    async run({ client }, mark) {
      await client.multi().get('a').set('a', 'secret').exec()
      mark('after a transaction')
      await client.multi().get('a').exec(true)
      mark('after a pipeline')
    },
    spans: [
      { name: 'GET', attributes: { 'db.operation.name': 'MULTI GET' } },
      { name: 'SET', text: 'SET a ?', attributes: { 'db.operation.name': 'MULTI SET' } },
      { name: 'GET', attributes: { 'db.operation.name': 'PIPELINE GET' } },
    ],
  },
  errors: {
    async run({ client }, mark) {
      await failing(client.lPush('a', 'secret'))
      mark('after a rejection')
      // redis 4 gives the errors among the replies.
      await client.multi().get('a').lPush('a', 'secret').exec().catch(() => {})
      await client.multi().lPush('a', 'secret').exec(true).catch(() => {})
    },
    spans: [
      { name: 'LPUSH', error: ERROR, status: 'WRONGTYPE' },
      { name: 'GET' },
      { name: 'LPUSH', error: ERROR, status: 'WRONGTYPE' },
      { name: 'LPUSH', error: ERROR, status: 'WRONGTYPE' },
    ],
  },
  'a watched key': {
    async run({ createClient, client, url }) {
      const other = createClient({ url })
      await other.connect()
      await other.watch('a')
      await client.set('a', 'secret')
      await failing(other.multi().get('a').get('b').exec())
      await other.disconnect()
    },
    spans: [
      { name: 'WATCH', text: 'WATCH a' },
      { name: 'SET' },
      { name: 'GET', error: 'WatchError' },
      { name: 'GET', error: 'WatchError' },
    ],
  },
  'another database': {
    async run({ createClient, url }) {
      const client = createClient({ url, database: 3 })
      await client.connect()
      await client.get('a')
      await client.select(4)
      await client.get('b')
      await client.disconnect()
    },
    spans: [
      { name: 'GET', text: 'GET a', attributes: { 'db.namespace': '3' } },
      { name: 'SELECT' },
      { name: 'GET', text: 'GET b', attributes: { 'db.namespace': '4' } },
    ],
  },
  'a closed connection': {
    // redis 4.0 lets it wait for ever.
    isNew: true,
    async run({ createClient, url }) {
      const client = createClient({ url })
      await failing(client.get('a'))
      await failing(client.multi().get('a').get('b').exec())
    },
    spans: ['GET', 'GET', 'GET'].map((name) => ({ name, error: 'ClientClosedError' })),
  },
  'a pool': {
    // redis 4 has no pools.
    isNew: true,
    async run({ pool }, mark) {
      const held = hold(pool)
      const waiting = ['a', 'b'].map((key) => pool.get(key).then(() => mark(`waited for ${key}`)))
      held.release()
      await Promise.all(waiting)
      await pool.multi().get('a').exec()
      await failing(pool.lPush('a', 'secret'))
    },
    spans: [{ name: 'GET', text: 'GET a' }, { name: 'GET', text: 'GET b' }, { name: 'GET' }, { name: 'LPUSH', error: ERROR, status: 'WRONGTYPE' }],
  },
  'a pool without a free client': {
    isNew: true,
    async run({ createClientPool, url }) {
      const pool = await createClientPool({ url }, { minimum: 1, maximum: 1, acquireTimeout: 20 }).connect()
      const held = hold(pool)
      await failing(pool.get('a'))
      await failing(pool.sendCommand(['SET', 'a', 'secret']))
      await failing(pool.multi().get('a').set('b', 'secret').exec())
      await failing(pool.multi().get('b').execAsPipeline())
      // What the app would have asked a client is not known.
      await failing(pool.execute((client) => client.get('a')))
      held.release()
      await pool.close()
    },
    spans: [
      { name: 'GET', text: 'GET a', error: 'TimeoutError' },
      { name: 'SET', text: 'SET a ?', error: 'TimeoutError' },
      { name: 'GET', error: 'TimeoutError', attributes: { 'db.operation.name': 'MULTI GET' } },
      { name: 'SET', error: 'TimeoutError' },
      { name: 'GET', error: 'TimeoutError', attributes: { 'db.operation.name': 'PIPELINE GET' } },
    ],
  },
  aborted: {
    isNew: true,
    async run({ client }) {
      await failing(client.withAbortSignal(AbortSignal.abort()).get('a'))
      const abort = new AbortController()
      const waiting = client.withAbortSignal(abort.signal).get('a')
      abort.abort()
      await failing(waiting)
    },
    spans: [{ name: 'GET', error: 'AbortError' }, { name: 'GET', error: 'AbortError' }],
  },
  'a pool that is closed': {
    isNew: true,
    async run({ createClientPool, url }) {
      const pool = createClientPool({ url }, { minimum: 1, maximum: 1 })
      await failing(pool.get('a'))
      await pool.connect()
      await pool.close()
      await failing(pool.get('a'))
    },
    server: null,
    spans: [{ name: 'GET', error: 'ClientClosedError' }, { name: 'GET', error: 'ClientClosedError' }],
    attributes: { 'db.system.name': 'redis' },
  },
  refused: {
    async run({ createClient }) {
      const client = createClient({ socket: { host: '127.0.0.1', port: 1, reconnectStrategy: () => new Error('none') } })
      client.on('error', () => {})
      await failing(client.connect())
    },
    server: 1,
    spans: [{ name: 'redis.connect', error: 'ReconnectStrategyError' }],
  },
}
