import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNoopMeter } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { client } from '../../../../src/instrumentation/clients/kafkajs.ts'
import { clientTracer } from '../../../../src/instrumentation/operations/client-tracer.ts'

/** What the brokers that the matrix runs against cannot do: transactions, and messages that are too large. */

interface Producer {
  send(record: unknown): Promise<unknown>
  transaction(): Promise<Omit<Producer, 'transaction'>>
}

function producerOf(send: (record: unknown) => Promise<unknown>): [Producer, InMemorySpanExporter] {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = clientTracer({
    currentTracer: () => provider.getTracer('kafkajs'),
    currentMeter: createNoopMeter,
    currentOptions: () => ({}),
  })
  const [hook = assert.fail('no hook')] = client.hooks ?? []
  const factory = (): object => ({ send, transaction: async () => ({ send, sendBatch: send }) })
  return [(hook.patch(factory, tracer) as (params: object) => Producer)({ cluster: {} }), exporter]
}

test('what a transaction sends is a span, whose error has the name of the protocol', async () => {
  const tooLarge = Object.assign(new Error('too large'), { code: 10, type: 'MESSAGE_TOO_LARGE' })
  const [producer, exporter] = producerOf(() => Promise.reject(tooLarge))
  const record = { topic: 'orders', messages: [{ value: 'x' }] }
  await assert.rejects((await producer.transaction()).send(record), tooLarge)
  await assert.rejects(producer.send(record), tooLarge)
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['error.type']]),
    [
      ['send orders', 'MESSAGE_TOO_LARGE'],
      ['send orders', 'MESSAGE_TOO_LARGE'],
    ],
  )
})

test('an error that repeats a message is recorded without it', async () => {
  const message = 'Invalid message without value for topic "orders": {"key":"secret"}'
  const [producer, exporter] = producerOf(() => Promise.reject(new Error(message)))
  await assert.rejects(producer.send({ topic: 'orders', messages: [{ key: 'secret' }] }), { message })
  const [span = assert.fail('no span')] = exporter.getFinishedSpans()
  assert.equal(span.status.message, 'Invalid message without value for topic')
  assert.doesNotMatch(JSON.stringify(span.events), /secret/)
})

test('a record that kafkajs refuses reaches it unchanged, and the app gets the rejection of kafkajs', async () => {
  const refused = new Error('refused')
  const unreadable = {
    toString(): string {
      throw new Error('unreadable')
    },
  }
  const records = [
    { topic: 'orders', messages: [{ key: 'k' }] },
    { topic: 'orders', messages: [{ value: 'v', headers: null }] },
    { topic: 'orders', messages: [{ key: unreadable, value: 'v', headers: null }] },
    { topic: Symbol('orders'), messages: [{ key: 'k' }] },
    { topic: unreadable, messages: [{ key: 'k' }] },
  ]
  for (const record of records) {
    const sent: unknown[] = []
    const [producer, exporter] = producerOf((passed) => {
      sent.push(...(passed as typeof record).messages)
      return Promise.reject(refused)
    })
    await assert.rejects(producer.send(record), refused)
    assert.deepEqual(sent, record.messages)
    assert.equal(exporter.getFinishedSpans().length, 1)
  }
})
