/**
 * `node bench/handover.ts`: what it costs the app's thread to pass a batch of 512 spans to the export worker, either
 * serialised (by the SDK's serializer; ours is faster) and transferred, or as plain objects that are cloned and
 * serialised by the worker. The spans are like those of the HTTP instrumentation and a database client.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { collectingProvider } from '../test/support/collecting-provider.ts'
import { median } from './statistics.ts'

const SPANS = 512
const ROUNDS = 200

function batch(): ReadableSpan[] {
  const { provider, ended } = collectingProvider()
  const tracer = provider.getTracer('bench', '1.0.0')
  for (let index = 0; index < SPANS / 2; index++) {
    const server = tracer.startSpan('GET /users/:id', {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'url.path': `/users/${index}`,
        'server.address': 'localhost',
        'server.port': 3000,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': 40_000 + index,
        'network.protocol.version': '1.1',
        'user_agent.original': 'bench/1.0',
        'http.route': '/users/:id',
        'http.response.status_code': 200,
      },
    })
    const query = tracer.startSpan(
      'SELECT users',
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'postgresql',
          'db.namespace': 'shop',
          'db.query.text': 'SELECT id, name, email FROM users WHERE id = $1',
          'server.address': 'localhost',
          'server.port': 5432,
        },
      },
      trace.setSpan(ROOT_CONTEXT, server),
    )
    query.end()
    server.end()
  }
  return ended
}

/** Returns everything that a serializer in the worker needs, without methods and getters. */
function plain(span: ReadableSpan): object {
  const { name, kind, startTime, endTime, status, attributes, links, events, parentSpanContext } = span
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span
  return {
    name,
    kind,
    startTime,
    endTime,
    status,
    attributes,
    links,
    events,
    parentSpanContext,
    droppedAttributesCount,
    droppedEventsCount,
    droppedLinksCount,
    instrumentationScope,
    context: span.spanContext(),
  }
}

const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { ProtobufTraceSerializer } = require(workerData)
  const resource = { attributes: {} }
  parentPort.on('message', (spans) => {
    if (typeof spans === 'string') spans = JSON.parse(spans)
    if (Array.isArray(spans)) {
      for (const span of spans) Object.assign(span, { resource, spanContext: () => span.context })
      ProtobufTraceSerializer.serializeRequest(spans)
    }
    parentPort.postMessage(0)
  })`

const spans = batch()
const transformer = createRequire(import.meta.url).resolve('@opentelemetry/otlp-transformer')
const worker = new Worker(WORKER, { eval: true, workerData: transformer })
const WAYS: Readonly<Record<string, () => void>> = {
  'serialised (protobuf) and transferred': () => {
    const body = ProtobufTraceSerializer.serializeRequest(spans)
    if (body === undefined) throw new Error('nothing')
    worker.postMessage(body, [body.buffer as ArrayBuffer])
  },
  'plain objects, cloned': () => worker.postMessage(spans.map(plain), []),
  'plain objects as JSON': () => worker.postMessage(JSON.stringify(spans.map(plain)), []),
}

const micros = Object.fromEntries(Object.keys(WAYS).map((way) => [way, { ours: [] as number[], all: [] as number[] }]))
for (let round = -20; round < ROUNDS; round++) {
  for (const [way, hand] of Object.entries(WAYS)) {
    const allBefore = process.cpuUsage()
    const before = process.threadCpuUsage()
    hand()
    const ours = sum(process.threadCpuUsage(before))
    await once(worker, 'message')
    if (round < 0) continue
    micros[way]?.ours.push(ours)
    micros[way]?.all.push(sum(process.cpuUsage(allBefore)))
  }
}
await worker.terminate()
for (const [way, { ours, all }] of Object.entries(micros)) {
  console.log(`${way}: ${round(ours)} µs of the app's thread for ${SPANS} spans, ${round(all)} µs of both threads`)
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}

function round(values: readonly number[]): number {
  return Math.round(median(values))
}
