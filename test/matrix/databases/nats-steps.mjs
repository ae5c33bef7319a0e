/** What the two generations of the client of NATS have in common. */
import { failing } from './support.mjs'

/** `shop`: the name of a stream, and the first part of its subjects. */
export async function setUpWith({ connect, headers, jetstream, jetstreamManager, shop }, env) {
  const connection = await connect({ servers: env.NATS_URL })
  const own = { connection, headers, encode: (text) => new TextEncoder().encode(text) }
  const got = []
  const next = () => new Promise((resolve) => got.push(resolve))
  connection.subscribe('orders.*', { callback: (error, message) => got.shift()?.(message) })
  connection.subscribe('echo', { callback: (error, message) => message.respond(own.encode('secret')) })
  connection.subscribe('broken', {
    callback() {
      got.shift()?.()
      throw new TypeError('no such thing')
    },
  })
  const manager = await jetstreamManager(connection)
  await manager.streams.delete(shop).catch(() => {})
  await manager.streams.add({ name: shop, subjects: [`${shop}.*`], storage: 'memory' })
  await manager.consumers.add(shop, { durable_name: 'worker', ack_policy: 'explicit' })
  await connection.flush()
  return { ...own, next, stream: jetstream(connection), shop }
}

const PUBLISH = { name: 'publish orders.*', kind: 'producer', attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': 'orders.*' } }
const PROCESS = { name: 'process orders.*', kind: 'consumer', parent: 'publish orders.*' }

export const core = {
  'publish and a callback': {
    async run({ connection, headers, encode, next }, mark) {
      const own = headers()
      own.append('mine', 'secret')
      const message = next()
      connection.publish('orders.4711', encode('secret'), Object.freeze({ headers: own }))
      mark('after publish')
      if ((await message).headers.get('mine') !== 'secret' || own.keys().length !== 1) throw new Error('other headers')
    },
    spans: [PUBLISH, PROCESS],
  },
  'publish and an iterator': {
    async run({ connection, encode }, mark) {
      const subscription = connection.subscribe('iterated', { max: 1 })
      connection.publish('iterated', encode('secret'))
      for await (const message of subscription) void message
      mark('after')
    },
    spans: [{ name: 'publish iterated' }, { name: 'receive iterated', kind: 'client', parent: 'publish iterated' }],
  },
  request: {
    async run({ connection, encode }, mark) {
      await connection.request('echo', encode('secret'))
      mark('after')
      await connection.request('echo', encode('secret'), { noMux: true, timeout: 1000 })
      await failing(connection.request('nobody', encode('secret'), { timeout: 1000 }))
    },
    spans: [
      { name: 'request echo', kind: 'producer' },
      { name: 'request echo', kind: 'producer' },
      { name: 'process echo', parent: 'request echo' },
      { name: 'process echo', parent: 'request echo' },
      { name: 'request nobody', error: '503|RequestError|NoRespondersError' },
    ],
  },
}

export const jetStream = (shop) => ({
  JetStream: {
    async run({ stream, encode }, mark) {
      await stream.publish(`${shop}.4711`, encode('secret'))
      mark('after publish')
      const consumer = await stream.consumers.get(shop, 'worker')
      const message = await consumer.next({ expires: 5000 })
      message.ack()
      mark('after next')
    },
    spans: [
      { name: `request ${shop}.*`, kind: 'producer', attributes: { 'messaging.destination.name': `${shop}.*` } },
      { name: `receive ${shop}.*`, kind: 'client', parent: `request ${shop}.*` },
    ],
  },
})

/** The client stops reading from the connection: it is the last step. */
export const lastly = {
  'a callback that fails': {
    async run({ connection, encode, next }) {
      const message = next()
      connection.publish('broken', encode('secret'))
      await message
    },
    spans: [{ name: 'publish broken' }, { name: 'process broken', error: 'TypeError', parent: 'publish broken' }],
  },
}
