import { called, failing } from '../support.mjs'

export const service = 'rabbitmq'
export const attributes = { 'messaging.system': 'rabbitmq' }
export const measure = 'messaging'
export const metrics = ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

export async function setUp(load, env) {
  const amqp = (await load('amqplib')).default
  const callbacks = (await load('amqplib/callback_api').catch(() => load('amqplib/callback_api.js'))).default
  const connection = await amqp.connect(env.RABBITMQ_URL)
  const channel = await connection.createChannel()
  const confirming = await connection.createConfirmChannel()
  for (const queue of ['orders', 'got', 'empty']) {
    await channel.assertQueue(queue)
    await channel.purgeQueue(queue)
  }
  await channel.assertExchange('shop', 'topic')
  await channel.bindQueue('orders', 'shop', 'order.#')
  const waiting = []
  await channel.consume('orders', async (message) => {
    await new Promise((resolve) => setImmediate(resolve))
    channel.ack(message)
    waiting.shift()?.(message)
  })
  const next = () => new Promise((resolve) => waiting.push(resolve))
  return { amqp, callbacks, connection, channel, confirming, next, url: env.RABBITMQ_URL }
}

const PUBLISH = {
  name: 'publish orders',
  kind: 'producer',
  attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': 'orders', 'messaging.rabbitmq.destination.routing_key': 'orders' },
}
const PROCESS = { name: 'process orders', kind: 'consumer', parent: 'publish orders' }

export const steps = {
  'a queue': {
    async run({ channel, next }, mark) {
      const message = next()
      channel.sendToQueue('orders', Buffer.from('secret'), Object.freeze({ headers: Object.freeze({ mine: 'secret' }) }))
      mark('after')
      if ((await message).properties.headers.mine !== 'secret') throw new Error('other headers')
    },
    spans: [PUBLISH, PROCESS],
  },
  'an exchange': {
    async run({ channel, next }) {
      const message = next()
      channel.publish('shop', 'order.4711', Buffer.from('secret'))
      await message
    },
    spans: [
      { name: 'publish shop:order.*', kind: 'producer' },
      { name: 'process orders', kind: 'consumer', parent: 'publish shop:order.*' },
    ],
  },
  confirmations: {
    async run({ confirming, next }, mark) {
      const message = next()
      await called((done) => confirming.publish('', 'orders', Buffer.from('secret'), {}, (...all) => (mark('confirmed'), done(...all))))
      await message
      const another = next()
      confirming.sendToQueue('orders', Buffer.from('secret'))
      await confirming.waitForConfirms()
      await another
    },
    spans: [PUBLISH, PUBLISH, PROCESS, PROCESS],
  },
  get: {
    async run({ channel, confirming, callbacks, url }, mark) {
      await called((done) => confirming.publish('', 'got', Buffer.from('secret'), {}, done))
      const message = await channel.get('got')
      mark('after get')
      channel.ack(message)
      if ((await channel.get('empty')) !== false) throw new Error('not empty')
      const connection = await called((done) => callbacks.connect(url, done))
      const other = await called((done) => connection.createChannel(done))
      await called((done) => other.get('empty', {}, (...all) => (mark('called back'), done(...all))))
      await called((done) => connection.close(done))
    },
    spans: [
      { name: 'publish got', kind: 'producer' },
      { name: 'get got', kind: 'client', attributes: { 'messaging.operation.type': 'receive' } },
      { name: 'get empty', kind: 'client' },
      { name: 'get empty', kind: 'client' },
    ],
  },
  'replies to queues without a name': {
    async run({ channel, next }, mark) {
      const { queue } = await channel.assertQueue('', { exclusive: true })
      const replied = new Promise((resolve) => channel.consume(queue, resolve, { noAck: true }))
      const message = next()
      channel.sendToQueue('orders', Buffer.from('secret'), { replyTo: queue })
      await message
      channel.sendToQueue(queue, Buffer.from('secret'))
      await replied
      mark('after')
    },
    spans: [
      PUBLISH,
      PROCESS,
      { name: 'publish (temporary)', kind: 'producer', attributes: { 'messaging.destination.temporary': true } },
      { name: 'process (temporary)', kind: 'consumer', parent: 'publish (temporary)' },
    ],
  },
  'a message without headers, and a consumer that is cancelled': {
    async run({ amqp, channel, url }, mark) {
      const { queue } = await channel.assertQueue('deleted')
      const heard = []
      const nothing = new Promise((resolve) => channel.consume(queue, (message) => (message === null ? resolve() : heard.push(message)), { noAck: true }))
      const other = await amqp.connect(url)
      const plain = await other.createConfirmChannel()
      plain.sendToQueue(queue, Buffer.from('secret'), { headers: undefined })
      await plain.waitForConfirms()
      await plain.deleteQueue(queue)
      await nothing
      mark('after')
      await other.close()
    },
    spans: [
      { name: 'publish deleted', kind: 'producer' },
      { name: 'process deleted', kind: 'consumer', parent: 'publish deleted' },
    ],
  },
  errors: {
    async run({ connection }) {
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      await failing(channel.get('nope'))
      const closed = await connection.createChannel()
      await closed.close()
      await failing((async () => closed.sendToQueue('orders', Buffer.from('secret')))())
    },
    spans: [
      { name: 'get nope', error: '404|_OTHER|Error' },
      { ...PUBLISH, attributes: {}, error: 'IllegalOperationError' },
    ],
  },
}
