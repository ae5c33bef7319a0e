import { called, failing } from '../support.mjs'

export const service = 'redis'
export const attributes = { 'db.system.name': 'redis', 'db.namespace': '0' }
export const beside = /^(?:connect|redis-connect|info|redis-HELLO|quit|disconnect)$/

export async function setUp(load, env) {
  const Redis = (await load('ioredis')).default
  const redis = new Redis(env.REDIS_URL)
  await redis.ping()
  return { Redis, redis, url: env.REDIS_URL }
}

export const steps = {
  promise: {
    async run({ redis }, mark) {
      await redis.hset('k', 'field', 'secret')
      mark('after await')
      await redis.hgetall('k')
      await redis.mget('a', 'b')
    },
    spans: [
      { name: 'hset', text: 'hset k ?' },
      { name: 'hgetall', text: 'hgetall k' },
      { name: 'mget', text: 'mget a b' },
    ],
  },
  'pipeline and transaction': {
    async run({ redis }, mark) {
      await redis.pipeline().set('a', 'secret').get('a').exec()
      await redis.multi().get('a').exec()
      mark('after')
    },
    spans: ['set', 'get', 'multi', 'get', 'exec'].map((name) => ({ name })),
  },
  errors: {
    async run({ redis }) {
      await redis.set('a', 'secret')
      await failing(redis.lpush('a', 'secret'))
      await redis.multi().get('a').lpush('a', 'secret').exec()
    },
    spans: [
      { name: 'set' },
      { name: 'lpush', error: 'ReplyError', status: 'WRONGTYPE' },
      { name: 'multi' },
      { name: 'get' },
      { name: 'lpush', error: 'ReplyError', status: 'WRONGTYPE' },
      { name: 'exec' },
    ],
  },
  'an aborted transaction': {
    async run({ redis }) {
      await redis.multi().set('a').get('a').exec().catch(() => {})
    },
    spans: [
      { name: 'multi' },
      { name: 'set', error: 'ReplyError', status: 'ERR' },
      { name: 'get', error: 'ReplyError', status: 'EXECABORT' },
      { name: 'exec', error: 'ReplyError', status: 'EXECABORT' },
    ],
  },
  'a command that is not answered': {
    async run({ Redis, url }) {
      const redis = new Redis(url, { commandTimeout: 100, maxRetriesPerRequest: 0 })
      redis.on('error', () => {})
      await failing(redis.blpop('empty', 1))
      await failing(called((done) => redis.blpop('empty', 1, done)))
      redis.disconnect()
      await failing(redis.get('a'))
      await failing(redis.pipeline().get('a').get('b').exec().then(([[error]]) => { throw error }))
      const offline = new Redis(url, { enableOfflineQueue: false, lazyConnect: true })
      offline.on('error', () => {})
      await failing(offline.get('a'))
      offline.disconnect()
    },
    isNew: true,
    spans: [
      { name: 'blpop', error: 'Error' },
      { name: 'blpop', error: 'Error' },
      { name: 'get', error: 'Error' },
      { name: 'get', error: 'Error' },
      { name: 'get', error: 'Error' },
      { name: 'get', error: 'Error' },
    ],
  },
  'a connection of its own': {
    async run({ Redis, url }) {
      const redis = new Redis(url)
      await redis.get('a')
      await redis.quit()
    },
    spans: [{ name: 'get' }],
  },
}
