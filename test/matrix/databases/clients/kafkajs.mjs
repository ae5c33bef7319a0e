import { failing } from '../support.mjs'

export const service = 'kafka'
export const attributes = { 'messaging.system': 'kafka' }
/** Its spans do not name a server: any of the brokers may get a message. */
export const isLocal = true
export const measure = 'messaging'
export const metrics = ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

export async function setUp(load, env) {
  const { Kafka, logLevel } = (await load('kafkajs')).default
  const kafka = new Kafka({ brokers: [env.KAFKA_BROKER], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 10, retries: 2 } })
  const producer = kafka.producer()
  await producer.connect()
  const waiting = new Map()
  /** Waits for a message, by its key: other programs have left theirs on the server. */
  const heard = (key) => new Promise((resolve) => waiting.set(key, resolve))
  const hear = (message) => waiting.get(String(message.key))?.(message)
  const consume = async (topic, handlers) => {
    const consumer = kafka.consumer({ groupId: `${topic}-${process.pid}`, maxWaitTimeInMs: 50, rebalanceTimeout: 1000 })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run(Object.freeze(handlers))
  }
  const eachMessage = async ({ message }) => {
    await new Promise((resolve) => setImmediate(resolve))
    hear(message)
    if (String(message.key) === `bad-${process.pid}`) throw new TypeError('no such thing')
  }
  const eachBatch = async ({ batch }) => batch.messages.forEach(hear)
  const first = ['orders', 'batches'].map(async (topic) => {
    const message = heard(`${topic}-${process.pid}`)
    await producer.send({ topic, messages: [{ key: `${topic}-${process.pid}`, value: 'first', partition: 0 }] })
    await message
  })
  await Promise.all([...first, consume('orders', { eachMessage }), consume('batches', { eachBatch })])
  return { kafka, producer, heard }
}

const SEND = { name: 'send orders', kind: 'producer', attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': 'orders' } }
const PROCESS = { name: 'process orders', kind: 'consumer', parent: 'send orders', attributes: { 'messaging.destination.partition.id': '0' } }
// The first version cannot send messages without a key on current versions of Node.js, which is `isNew` here.
const key = (name) => `${name}-${process.pid}`

export const steps = {
  'a message': {
    async run({ producer, heard }, mark) {
      const message = heard(key('one'))
      const headers = Object.freeze({ mine: 'secret' })
      await producer.send(Object.freeze({ topic: 'orders', messages: Object.freeze([Object.freeze({ key: key('one'), value: 'secret', headers, partition: 0 })]) }))
      mark('after send')
      if (String((await message).headers.mine) !== 'secret') throw new Error('other headers')
    },
    spans: [SEND, PROCESS],
  },
  'many messages': {
    async run({ producer, heard }, mark) {
      const both = Promise.all([heard(key('a')), heard(key('b'))])
      await producer.send({ topic: 'orders', messages: ['a', 'b'].map((name) => ({ key: key(name), value: 'secret', partition: 0 })) })
      mark('after send')
      await both
    },
    spans: [{ ...SEND, attributes: { 'messaging.batch.message_count': 2 } }, PROCESS, PROCESS],
  },
  'a batch': {
    async run({ producer, heard }, mark) {
      const both = Promise.all([heard(key('c')), heard(key('d'))])
      const messages = ['c', 'd'].map((name) => ({ key: key(name), value: 'secret', partition: 0 }))
      await producer.sendBatch({ topicMessages: [{ topic: 'batches', messages }] })
      mark('after sendBatch')
      await both
    },
    spans: [
      { name: 'send batches', kind: 'producer', attributes: { 'messaging.batch.message_count': 2 } },
      { name: 'process batches', kind: 'consumer', parent: 'send batches', attributes: { 'messaging.batch.message_count': 2 } },
    ],
  },
  'several topics': {
    isNew: true,
    async run({ producer }) {
      const messages = [{ value: 'secret' }]
      await producer.sendBatch({ topicMessages: ['others', 'more'].map((topic) => ({ topic, messages })) })
    },
    spans: [{ name: 'send', kind: 'producer', attributes: { 'messaging.batch.message_count': 2 } }],
  },
  errors: {
    isNew: true,
    async run({ producer }, mark) {
      await failing(producer.send({ topic: 'orders', messages: [{ key: 'secret' }] }))
      mark('after a rejection')
      await failing(producer.send({ topic: 'orders', messages: 'secret' }))
      await failing(producer.send({ messages: [{ value: 'secret' }] }))
      await failing(producer.sendBatch())
    },
    spans: [
      { name: 'send orders', error: 'KafkaJSNonRetriableError' },
      { name: 'send orders', error: 'TypeError' },
      { name: 'send', error: 'KafkaJSNonRetriableError' },
      { name: 'send', error: 'TypeError' },
    ],
  },
  'a producer that is not connected': {
    isNew: true,
    async run({ kafka }) {
      const closed = kafka.producer()
      await failing(closed.sendBatch({ topicMessages: [{ topic: 'orders', messages: [{ value: 'secret' }] }] }))
    },
    spans: [{ name: 'send orders', error: 'KafkaJSError' }],
  },
  // The client stops consuming: it is the last step.
  'a handler that fails': {
    async run({ producer, heard }) {
      const message = heard(key('bad'))
      await producer.send({ topic: 'orders', messages: [{ key: key('bad'), value: 'secret', partition: 0 }] })
      await message
    },
    spans: [SEND, { ...PROCESS, error: 'TypeError' }],
  },
}
