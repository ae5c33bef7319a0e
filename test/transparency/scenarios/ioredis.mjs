// packages: ioredis
// services: redis
export default async function ({ loadDefault, say, attempt, env }) {
  const Redis = await loadDefault('ioredis')
  say('class', Redis.name, Redis.length)
  say('sendCommand', Redis.prototype.sendCommand, Redis.prototype.connect)
  const port = Number(new URL(env.REDIS_URL).port)
  const options = Object.freeze({ host: '127.0.0.1', port, db: 1, lazyConnect: true })
  const redis = new Redis(options)
  say('status before', redis.status)
  await attempt('connect', () => redis.connect())
  await attempt('set', () => redis.set('key', 'value'))
  await attempt('get', () => redis.get('key'))
  await attempt('arguments as an array', () => redis.mget(['key', 'other']))
  await attempt('wrong arity', function asked() {
    return redis.get()
  })
  await attempt('wrong type', async function asked() {
    return await redis.lpush('key', 'a')
  })
  await new Promise((resolve) => {
    const returned = redis.get('key', function (error, value) {
      say('callback', error, value, arguments.length)
      resolve()
    })
    say('with a callback returns', typeof returned.then)
  })
  const pipeline = redis.pipeline().set('a', '1').incr('a').lpush('key', 'x')
  say('pipeline length', pipeline.length)
  const results = await pipeline.exec()
  say(
    'pipeline',
    results.map(([error, value]) => [error?.message ?? null, value]),
  )
  say('multi', await redis.multi().get('a').get('key').exec())
  if (redis.defineCommand) {
    redis.defineCommand('double', { numberOfKeys: 1, lua: 'return redis.call("get", KEYS[1]) * 2' })
    await attempt('script', () => redis.double('a'))
  }
  const subscriber = redis.duplicate()
  await subscriber.connect()
  const heard = new Promise((resolve) => subscriber.once('message', (...message) => resolve(message)))
  await subscriber.subscribe('news')
  await redis.publish('news', 'hello')
  say('message', await heard)
  say('listeners', redis.eventNames().map(String).toSorted())
  subscriber.disconnect()
  await attempt('quit', () => redis.quit())
  await attempt('after quit', () => redis.get('key'))
  if (Redis.Cluster) await cluster(Redis.Cluster, say, attempt)
  const refused = new Redis({ host: '127.0.0.1', port: 1, lazyConnect: true, retryStrategy: () => null })
  refused.on('error', (error) => say('error event', error.code))
  await attempt('connection refused', () => refused.connect())
}

async function cluster(Cluster, say, attempt) {
  say('cluster', Cluster, Object.getPrototypeOf(Cluster).name, Cluster.prototype.constructor === Cluster)
  class Own extends Cluster {
    static made = 0
    constructor(...args) {
      super(...args)
      Own.made += 1
    }
  }
  const nodes = Object.freeze([Object.freeze({ host: '127.0.0.1', port: 1 })])
  const options = Object.freeze({ lazyConnect: true, clusterRetryStrategy: () => null })
  const own = new Own(nodes, options)
  own.on('error', () => {})
  say('cluster made', own instanceof Cluster, own.constructor.name, Own.made, Reflect.ownKeys(Own).map(String))
  say('cluster keys', Object.keys(own).toSorted(), own.eventNames().map(String).toSorted(), Cluster.prototype.connect)
  await attempt('cluster refused', async function asks() {
    return await own.connect()
  })
  own.disconnect()
}
