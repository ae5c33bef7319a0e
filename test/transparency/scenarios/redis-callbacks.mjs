// packages: redis
// versions: middle, oldest
// services: redis
// redis 2 and 3, which require themselves in a circle.
export default async function ({ loadDefault, say, attempt, env }) {
  const redis = await loadDefault('redis')
  say('exports', Object.keys(redis).toSorted())
  if (redis.RedisClient?.prototype.internal_send_command === undefined) return
  const { RedisClient } = redis
  say(
    'functions',
    redis.createClient,
    RedisClient,
    RedisClient.prototype.internal_send_command,
    RedisClient.prototype.create_stream,
  )
  const client = redis.createClient(Object.freeze({ url: env.REDIS_URL }))
  const call = (command, ...args) =>
    new Promise((resolve) => client[command](...args, (...results) => resolve(results)))
  say('set', await call('set', 'callbacks', '1'))
  say('array', await call('mget', ['callbacks', 'other']))
  const [error] = await call('lpush', 'callbacks', 'x')
  say('wrong type', error.name, error.code, error.command, error.args)
  say('without a callback', client.get('callbacks'))
  say(
    'multi',
    await new Promise((resolve) =>
      client
        .multi()
        .incr('callbacks')
        .get('callbacks')
        .exec((...results) => resolve(results)),
    ),
  )
  const batch = client.batch([
    ['get', 'callbacks'],
    ['get', 'other'],
  ])
  say('batch', await new Promise((resolve) => batch.exec((...results) => resolve(results))))
  say('listeners', client.eventNames().map(String).toSorted())
  await attempt('quit', () => call('quit'))
  say('after quit', (await call('get', 'callbacks'))[0]?.code)
}
