import { failing } from '../support.mjs'

export const service = 'nats'
export const attributes = { 'messaging.system': 'nats' }
export const measure = 'messaging'
export const metrics = ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

export async function setUp(load, env) {
  const { connect, headers, StringCodec } = (await load('nats')).default
  const connection = await connect({ servers: env.NATS_URL })
  const { encode } = StringCodec()
  const got = []
  const next = () => new Promise((resolve) => got.push(resolve))
  connection.subscribe('orders.*', { callback: (error, message) => got.shift()?.(message) })
  connection.subscribe('echo', { callback: (error, message) => message.respond(encode('secret')) })
  connection.subscribe('broken', {
    callback() {
      got.shift()?.()
      throw new TypeError('no such thing')
    },
  })
  await connection.flush()
  return { connection, headers, encode, next }
}

const PUBLISH = { name: 'publish orders.*', kind: 'producer', attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': 'orders.*' } }
const PROCESS = { name: 'process orders.*', kind: 'consumer', parent: 'publish orders.*' }

export const steps = {
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
      { name: 'request nobody', error: '503' },
    ],
  },
  'a callback that fails': {
    async run({ connection, encode, next }) {
      const message = next()
      connection.publish('broken', encode('secret'))
      await message
    },
    spans: [{ name: 'publish broken' }, { name: 'process broken', error: 'TypeError', parent: 'publish broken' }],
  },
}
