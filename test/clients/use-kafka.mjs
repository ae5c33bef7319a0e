import { createServer } from 'node:http'
import { Kafka, logLevel } from 'kafkajs'

// Requests that produce over connections which the first of them opens.
const producer = new Kafka({ brokers: [process.env.KAFKA_BROKER], logLevel: logLevel.NOTHING }).producer()

const server = createServer(async (_, response) => {
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'an order' }] })
  response.end('sent')
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
