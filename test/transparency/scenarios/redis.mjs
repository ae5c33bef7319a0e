// packages: redis
// versions: newest
// services: redis
export default async function ({ load, say, attempt, env }) {
  const { createClient, commandOptions, RESP_TYPES } = await load('redis')
  say('functions', createClient)
  const client = createClient(Object.freeze({ url: env.REDIS_URL, database: 3 }))
  say('client', client.sendCommand, client.connect, client.get, client.multi, client.isOpen)
  client.on('error', ({ code }) => say('error event', code))
  await attempt('connect', async () => (await client.connect()) === client)
  await attempt('set', () => client.set('key', 'value'))
  await attempt('get', () => client.get('key'))
  await attempt('command', () => client.sendCommand(Object.freeze(['MGET', 'key', 'other'])))
  await attempt('wrong type', async function asks() {
    return await client.lPush('key', 'x')
  })
  await attempt('wrong argument', () => client.set('key', {}))
  await attempt('multi', () => client.multi().incr('n').get('key').exec())
  await attempt('multi with an error', () =>
    client
      .multi()
      .lPush('key', 'x')
      .exec()
      .catch(({ constructor, replies }) => [constructor.name, replies?.length]),
  )
  const subscriber = client.duplicate()
  await subscriber.connect()
  const heard = new Promise((resolve) => subscriber.subscribe('news', (...message) => resolve(message)))
  await new Promise((resolve) => setTimeout(resolve, 30))
  await client.publish('news', 'hello')
  say('message', await heard)
  say('listeners', client.eventNames().map(String))
  await subscriber.close()
  await client.del(['key', 'n'])
  await client.close()
  await attempt('after the end', () => client.get('key'))
  const refused = createClient({ url: 'redis://127.0.0.1:1', socket: { reconnectStrategy: false } })
  refused.on('error', () => {})
  await attempt('refused', () => refused.connect().catch(({ code }) => code))
}
