import { failing } from '../support.mjs'

export const service = 'redis-cluster'
export const library = 'redis'
export const packageName = 'redis'
export const attributes = { 'db.system.name': 'redis', 'db.namespace': '0' }
export const beside = /^(?:CLUSTER|redis\.connect|READONLY)$/

export async function setUp(load, env) {
  const { createCluster } = await load('redis')
  const made = async () => {
    const cluster = createCluster({ rootNodes: [{ url: env.REDIS_URL }] })
    cluster.on?.('error', () => {})
    await cluster.connect()
    return cluster
  }
  const cluster = await made()
  for (const key of ['a', 'b', 'c']) await cluster.set(key, 'secret')
  return { cluster, made }
}

const ERROR = 'ReplyError|ErrorReply|SimpleError'

export const steps = {
  'keys of all nodes': {
    async run({ cluster }, mark) {
      await Promise.all(['a', 'b', 'c'].map((key) => cluster.get(key).then(() => mark(key))))
      await failing(cluster.lPush('a', 'secret'))
    },
    spans: [...['a', 'b', 'c'].map((key) => ({ name: 'GET', text: `GET ${key}` })), { name: 'LPUSH', error: ERROR, status: 'WRONGTYPE' }],
  },
  transaction: {
    async run({ cluster }, mark) {
      await cluster.multi().set('{t}1', 'secret').get('{t}2').exec()
      mark('after a transaction')
    },
    spans: [
      { name: 'SET', attributes: { 'db.operation.name': 'MULTI SET' } },
      { name: 'GET', attributes: { 'db.operation.name': 'MULTI GET' } },
    ],
  },
  'a cluster that is closed': {
    isNew: true,
    async run({ made }) {
      const cluster = await made()
      await cluster.close()
      await failing(cluster.get('a'))
      await failing(cluster.multi().set('a', 'secret').exec())
    },
    server: null,
    attributes: { 'db.system.name': 'redis' },
    spans: [{ name: 'GET', error: 'ClientClosedError' }, { name: 'SET', error: 'ClientClosedError' }],
  },
  'pub/sub': {
    // redis 4.0 has none in a cluster.
    isNew: true,
    async run({ cluster, made }, mark) {
      const subscriber = await made()
      const heard = new Promise((resolve) => subscriber.subscribe('news', resolve).then(() => cluster.publish('news', 'secret')))
      if ((await heard) !== 'secret') throw new Error('another message')
      mark('after')
      await subscriber.close()
    },
    spans: [{ name: 'PUBLISH', text: 'PUBLISH news ?' }],
  },
}
