import { failing } from '../support.mjs'

export const service = 'redis-cluster'
export const library = 'ioredis'
export const packageName = 'ioredis'
export const attributes = { 'db.system.name': 'redis', 'db.namespace': '0' }
/** What the client asks the nodes of its own accord. */
export const beside = /^(?:cluster|info|connect|quit)$/

export async function setUp(load, env) {
  const { Cluster } = await load('ioredis')
  const { hostname: host, port } = new URL(env.REDIS_URL)
  const cluster = new Cluster([{ host, port: Number(port) }])
  const subscriber = new Cluster([{ host, port: Number(port) }])
  await Promise.all([cluster.set('a', 'secret'), cluster.set('b', 'secret'), cluster.set('c', 'secret'), subscriber.subscribe('news')])
  return { cluster, subscriber }
}

export const steps = {
  'keys of all nodes': {
    async run({ cluster }, mark) {
      await Promise.all(['a', 'b', 'c'].map((key) => cluster.get(key).then(() => mark(key))))
      await failing(cluster.lpush('a', 'secret'))
    },
    spans: [...['a', 'b', 'c'].map((key) => ({ name: 'get', text: `get ${key}` })), { name: 'lpush', error: 'ReplyError', status: 'WRONGTYPE' }],
  },
  transaction: {
    async run({ cluster }, mark) {
      await cluster.multi().set('{t}1', 'secret').get('{t}2').exec()
      mark('after')
    },
    spans: [{ name: 'multi' }, { name: 'set', attributes: { 'db.operation.name': 'MULTI set' } }, { name: 'get' }, { name: 'exec' }],
  },
  pipeline: {
    // ioredis 4.0 does not tell these commands from others.
    isNew: true,
    async run({ cluster }, mark) {
      await cluster.pipeline().set('{t}1', 'secret').lpush('{t}1', 'secret').exec()
      mark('after')
    },
    spans: [
      { name: 'set', attributes: { 'db.operation.name': 'PIPELINE set' } },
      { name: 'lpush', error: 'ReplyError', status: 'WRONGTYPE' },
    ],
  },
  'pub/sub': {
    async run({ cluster, subscriber }, mark) {
      const heard = new Promise((resolve) => subscriber.once('message', (channel, text) => resolve(text)))
      await cluster.publish('news', 'secret')
      mark('after publish')
      if ((await heard) !== 'secret') throw new Error('another message')
      await subscriber.subscribe('other')
      mark('after subscribe')
    },
    spans: [{ name: 'publish', text: 'publish news ?' }, { name: 'subscribe' }],
  },
}
