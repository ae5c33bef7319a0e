import http from 'node:http'
import { once } from 'node:events'
import { context, propagation, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import { TracerProvider, AlwaysOnSampler, BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { resourceFromAttributes } from '@opentelemetry/resources'

/** Hands what the first argument names to telemetry, each part of which does what the second says, between two requests to itself. */
const [parts, does] = process.argv.slice(2)

const act = {
  exits: () => process.exit(4),
  kills: () => process.kill(process.pid, 'SIGTERM'),
  throws() {
    throw new Error('by the app')
  },
  never: () => new Promise(() => {}),
}[does]

/** Each property and each call of it does. */
const trap = new Proxy(() => {}, { get: act, apply: act, has: act, ownKeys: act, getOwnPropertyDescriptor: act })
const nothing = { forceFlush: async () => {}, shutdown: async () => {} }
const ID = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED }

const register = (options) => trace.setGlobalTracerProvider(new TracerProvider(options))
const startSpan = (options) => trace.getTracer('app').startSpan('app', options).end()
const within = (made) => context.with(made, () => get('/within'))

/** Registers it; what comes back is run in the handler of a request. */
const PARTS = {
  sampler: () => (register({ sampler: { shouldSample: act, toString: () => 'app' } }), startSpan),
  'span processor': () => (
    register({ sampler: new AlwaysOnSampler(), spanProcessors: [{ onStart: act, onEnd: act, ...nothing }] }),
    startSpan
  ),
  exporter: () => (
    register({ spanProcessors: [new BatchSpanProcessor({ exporter: { export: act, ...nothing } })] }),
    startSpan
  ),
  'id generator': () => (register({ idGenerator: { generateTraceId: act, generateSpanId: act } }), startSpan),
  resource: () => (
    register({
      resource: resourceFromAttributes({
        a: new Promise(() => {}),
        get b() {
          return act()
        },
      }),
    }),
    startSpan
  ),
  propagator: () => (
    propagation.setGlobalPropagator({ inject: act, extract: act, fields: act }),
    () => propagation.inject(context.active(), {})
  ),
  baggage: () => () =>
    within(propagation.setBaggage(ROOT_CONTEXT, { getAllEntries: act, getEntry: act, setEntry: act })),
  'current span': () => () => within(trace.setSpan(ROOT_CONTEXT, { spanContext: act, isRecording: act, end: act })),
  'context of a parent': () => () => within(trace.setSpanContext(ROOT_CONTEXT, trap)),
  'trace state': () => () =>
    within(trace.setSpanContext(ROOT_CONTEXT, { ...ID, traceState: { serialize: act, get: act } })),
  context: () => () => within({ getValue: act, setValue: act, deleteValue: act }),
  attributes: () => () => startSpan({ attributes: trap }),
  'an attribute': () => () =>
    startSpan({
      attributes: {
        get a() {
          return act()
        },
        b: [trap],
        c: trap,
      },
    }),
  links: () => () => startSpan({ links: [trap, { context: trap }, { context: ID, attributes: trap }] }),
  'a start time': () => () =>
    startSpan({ kind: SpanKind.CLIENT, startTime: { [Symbol.toPrimitive]: act, valueOf: act, getTime: act } }),
  'later attributes': () => () => {
    const span = trace.getTracer('app').startSpan('app')
    span.setAttributes(trap)
    span.setAttribute('a', trap)
    span.addEvent('b', trap)
    span.addLink(trap)
    span.setStatus(trap)
    span.updateName(trap)
    span.end(trap)
  },
  'an exception': () => () => {
    const span = trace.getTracer('app').startSpan('app')
    span.recordException(trap)
    span.recordException({
      get message() {
        return act()
      },
      get stack() {
        return act()
      },
      get code() {
        return act()
      },
    })
    span.end()
  },
}

let uses = []
const server = http.createServer((request, response) => {
  for (const [part, use] of request.url === '/after' ? uses : []) {
    try {
      use()
      console.log('used', part)
    } catch (thrown) {
      console.log('thrown', part, thrown.message)
    }
  }
  console.log('handled', request.url)
  response.end()
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address()

function get(path) {
  return http.get({ port, host: '127.0.0.1', path, agent: false }, (response) => response.resume())
}

const answered = (path) => once(get(path), 'response').then(([{ statusCode }]) => console.log(path, statusCode))
await answered('/before')
uses = parts.split(',').map((part) => [part, PARTS[part]()])
await answered('/after')
await fetch(`http://127.0.0.1:${port}/fetched`).then(({ status }) => console.log('fetched', status))
await new Promise((resolve) => setTimeout(resolve, 50))
server.close()
console.log('end')
