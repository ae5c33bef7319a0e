// packages: memcached
// services: memcached
export default async function ({ loadDefault, say, env }) {
  const Memcached = await loadDefault('memcached')
  say('functions', Memcached, Memcached.prototype.command, Memcached.prototype.get, Memcached.prototype.multi)
  const client = new Memcached(`127.0.0.1:${env.MEMCACHED_PORT}`, Object.freeze({ retries: 0 }))
  const call = (method, ...args) =>
    new Promise((resolve) =>
      client[method](...args, function (...results) {
        resolve([...results, arguments.length, Object.keys(this ?? {}).length > 0])
      }),
    )
  say('set', await call('set', 'key', 'value', 10))
  say('get', await call('get', 'key'))
  say('several', await call('getMulti', Object.freeze(['key', 'other'])))
  say('missing', await call('get', 'other'))
  say('wrong key', (await call('get', 'x'.repeat(300)))[0]?.message)
  say('listeners', client.eventNames().map(String))
  client.end()
}
