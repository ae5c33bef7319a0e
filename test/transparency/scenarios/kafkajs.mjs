// packages: kafkajs
// services: kafka
// env: KAFKAJS_NO_PARTITIONER_WARNING=1
export default async function ({ loadDefault, say, attempt, env }) {
  const { Kafka, logLevel, Partitioners } = await loadDefault('kafkajs')
  say('functions', Kafka.prototype.producer, Kafka.prototype.consumer, Kafka.prototype.admin)
  const kafka = new Kafka({
    clientId: 'app',
    brokers: [env.KAFKA_BROKER],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  await admin.connect()
  const topic = `topic-${process.pid}-${Date.now()}`
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
  const producer = kafka.producer({
    createPartitioner: Partitioners.LegacyPartitioner ?? Partitioners.DefaultPartitioner,
  })
  say('producer', Object.keys(producer), producer.send, producer.sendBatch, producer.transaction)
  await producer.connect()
  const ids = ({ topicName, baseOffset, ...result }) => result
  const shared = { kind: 'shared' }
  const message = { key: 'k', value: 'v1', headers: shared }
  const frozen = Object.freeze({
    topic,
    messages: Object.freeze([Object.freeze({ value: 'frozen', headers: Object.freeze({ a: '1' }) })]),
  })
  await attempt('send', () =>
    producer.send({ topic, messages: [message, message] }).then((results) => results.map(ids)),
  )
  say('inputs', message, shared)
  await attempt('send frozen', () => producer.send(frozen).then((results) => results.map(ids)))
  await attempt('send batch frozen', () =>
    producer.sendBatch(Object.freeze({ topicMessages: Object.freeze([frozen]) })).then((results) => results.map(ids)),
  )
  class Message {
    #value = 'of a class'
    get value() {
      return this.#value
    }
  }
  await attempt('a message of a class', () =>
    producer.send({ topic, messages: [new Message()] }).then((results) => results.map(ids)),
  )
  for (const input of [
    undefined,
    {},
    { topic },
    { topic, messages: [null] },
    { topic, messages: 'text' },
    { messages: [] },
  ]) {
    await attempt('send wrong', () => producer.send(input).then((results) => results.map(ids)))
  }
  for (const input of [{}, { topicMessages: 1 }, { topicMessages: [{ topic }] }]) {
    await attempt('send batch wrong', () => producer.sendBatch(input))
  }
  await attempt('send without a value', () => producer.send({ topic, messages: [{ key: 'a' }] }))
  await producer.disconnect()
  await consume(kafka, topic, { say, attempt })
}

async function consume(kafka, topic, { say, attempt }) {
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 50 })
  say('consumer', Object.keys(consumer), consumer.run)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await attempt('run without a handler', () => consumer.run({ eachMessage: 1 }).catch((error) => error.name))
  await consumer.stop()
  let count = 0
  let seen
  const all = new Promise((resolve) => (seen = resolve))
  const config = Object.freeze({
    // It throws once, without a promise: the message comes again.
    eachMessage({ message }) {
      count += 1
      if (count === 1) throw new Error('at once')
      const { traceparent, ...headers } = message.headers ?? {}
      say('message', message.key, message.value, Object.keys(headers))
      if (String(message.value) === 'of a class') seen()
    },
  })
  const run = consumer.run(config)
  say('run', run instanceof Promise)
  await run
  say('config', config)
  await all
  await consumer.disconnect()
}
