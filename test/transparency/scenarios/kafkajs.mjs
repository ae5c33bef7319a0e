// packages: kafkajs
// versions: newest
// services: kafka
// spans: ^process \S+ RangeError$
export default async function ({ load, say, attempt, env }) {
  const loaded = await load('kafkajs')
  const { Kafka, logLevel } = loaded.Kafka === undefined ? loaded.default : loaded
  say('functions', Kafka, Kafka.prototype.producer, Kafka.prototype.consumer)
  const client = new Kafka({ brokers: [env.KAFKA_BROKER], logLevel: logLevel.NOTHING, retry: { retries: 1 } })
  const producer = client.producer()
  say('producer', Object.keys(producer).toSorted(), producer.send, producer.sendBatch, producer.transaction)
  await producer.connect()
  const topic = `transparency-${process.pid}`
  const headers = Object.freeze({ user: 'u' })
  const messages = Object.freeze([Object.freeze({ key: 'k', value: 'v', headers }), Object.freeze({ value: null })])
  await attempt('sent', () =>
    producer.send(Object.freeze({ topic, messages })).then((sent) => sent.every(({ errorCode }) => errorCode === 0)),
  )
  say('as given', headers, messages)
  await attempt('a batch', () =>
    producer
      .sendBatch(Object.freeze({ topicMessages: Object.freeze([Object.freeze({ topic, messages })]) }))
      .then((sent) => sent.every(({ errorCode }) => errorCode === 0)),
  )
  await attempt('no messages', () => producer.send({ topic: 'without-messages' }))
  await attempt('no topic', () => producer.send({ messages }))
  await attempt('nothing', () => producer.send())
  await attempt('an empty batch', () => producer.sendBatch({}))
  await producer.disconnect()
  const consumer = client.consumer({ groupId: `group-${process.pid}`, maxWaitTimeInMs: 50, rebalanceTimeout: 1000 })
  say('consumer', Object.keys(consumer).toSorted(), consumer.run)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const received = []
  await new Promise((resolve) => {
    const run = Object.freeze({
      async eachMessage({ topic: from, partition, message, heartbeat, pause }) {
        const { traceparent, ...others } = message.headers
        received.push([
          from === topic,
          String(message.key),
          message.value && String(message.value),
          others.user && String(others.user),
        ])
        if (received.length === 1) say('given', heartbeat, pause, Object.keys(message).toSorted())
        if (received.length === 4) resolve()
      },
    })
    void consumer.run(run)
  })
  say('received', received.toSorted())
  await consumer.disconnect()
  await throwing(client, topic, { say })
  await attempt('after the end', () => producer.send({ topic, messages: [{ value: 'x' }] }))
}

/** What is no async function may throw before there is a promise. */
async function throwing(client, topic, { say }) {
  const consumer = client.consumer({ groupId: `throwing-${process.pid}`, maxWaitTimeInMs: 50, rebalanceTimeout: 1000 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const crashed = new Promise((resolve) => consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload)))
  let calls = 0
  await consumer.run({
    eachMessage() {
      calls += 1
      throw new RangeError('at once')
    },
  })
  const { error, restart } = await crashed
  // How often it is called before that depends on when the first fetches return.
  say('thrown at once', calls > 0, error.name, error.message, error.cause?.name, restart)
  await consumer.disconnect()
}
