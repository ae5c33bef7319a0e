import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'

/** An SDK of the app's own, whose spans it prints at the end: names, kinds, parents, and whether all are of one trace. */
const SDK = `
const { NodeSDK } = require('@opentelemetry/sdk-node')
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace')
const { trace, context, propagation, metrics, createContextKey, ROOT_CONTEXT } = require('@opentelemetry/api')
const exporter = new InMemorySpanExporter()
function startSdk(more = {}) {
  const sdk = new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })], metricReaders: [], logRecordProcessors: [], autoDetectResources: false, ...more })
  sdk.start()
  return sdk
}
function printSpans() {
  const spans = exporter.getFinishedSpans()
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
  const traces = [...new Set(spans.map((span) => span.spanContext().traceId))]
  for (const span of spans) {
    const { spanId } = span.parentSpanContext ?? {}
    console.log(span.name, span.kind, 'trace', traces.indexOf(span.spanContext().traceId), 'parent', spanId && (names.get(spanId) ?? 'of somebody else'))
  }
}
const settled = (work) => new Promise((resolve) => work(resolve))
`

const LINE =
  /^@paxx\/obs: the app started another OpenTelemetry SDK \(tracer provider, .*\): what it records with @opentelemetry\/api goes to that SDK;/

interface Case {
  readonly name: string
  readonly source: string
  /** Spans that our collector has. */
  readonly spans: number
  readonly says?: readonly RegExp[]
}

const CASES: readonly Case[] = [
  {
    name: 'a NodeSDK has its spans, contexts and propagation, and ours goes on',
    spans: 2,
    says: [LINE],
    source: `${SDK}
      startSdk()
      const http = require('node:http')
      const tracer = trace.getTracer('app')
      const server = http.createServer((request, response) => {
        console.log('in the handler', trace.getActiveSpan()?.name)
        tracer.startActiveSpan('handled', (span) => setTimeout(() => {
          console.log('after a timer', trace.getActiveSpan() === span)
          span.end()
          response.end('ok')
        }, 5))
      })
      server.listen(0, '127.0.0.1', () => tracer.startActiveSpan('outer', (span) => {
        const carrier = {}
        propagation.inject(context.active(), carrier)
        console.log('propagated', carrier.traceparent?.includes(span.spanContext().spanId))
        http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
          response.resume()
          response.on('end', () => { span.end(); server.close(printSpans) })
        })
      }))`,
  },
  {
    name: 'with its own HTTP instrumentation',
    spans: 2,
    says: [LINE],
    source: `${SDK}
      const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
      startSdk({ instrumentations: [new HttpInstrumentation()] })
      const http = require('node:http')
      const server = http.createServer((request, response) => response.end(trace.getActiveSpan()?.name ?? 'none'))
      server.listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
        response.on('data', (data) => console.log('active', String(data)))
        response.on('end', () => { server.close(() => setImmediate(printSpans)) })
      }))`,
  },
  {
    name: 'requests that it makes with tracing suppressed are not ours either',
    spans: 1,
    says: [LINE],
    source: `${SDK}
      const { suppressTracing } = require('@opentelemetry/core')
      startSdk()
      const http = require('node:http')
      const server = http.createServer((request, response) => response.end('ok'))
      server.listen(0, '127.0.0.1', () => context.with(suppressTracing(context.active()), () => {
        http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
          response.resume()
          response.on('end', () => { console.log('done'); server.close() })
        })
      }))`,
  },
  {
    name: 'an app that unregisters and registers again',
    spans: 0,
    says: [LINE],
    source: `${SDK}
      startSdk()
      trace.getTracer('a').startSpan('first').end()
      trace.disable(); context.disable(); propagation.disable()
      console.log('disabled', trace.getTracer('a').startSpan('none').isRecording())
      startSdk()
      trace.getTracer('a').startActiveSpan('second', (span) => { console.log(trace.getActiveSpan() === span); span.end() })
      printSpans()`,
  },
  {
    name: 'a logger for the API of its own hears no more than bare',
    spans: 0,
    source: `${SDK}
      const { diag, DiagLogLevel } = require('@opentelemetry/api')
      const say = (level) => (...words) => console.log(level, ...words.map((word) => String(word).split('\\n')[0]))
      diag.setLogger({ error: say('error'), warn: say('warn'), info: say('info'), debug: say('debug'), verbose: say('verbose') }, DiagLogLevel.ALL)
      diag.info('hello')`,
  },
  {
    name: 'a context manager alone is followed by ours',
    spans: 3,
    source: `
      const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
      const { trace, context, createContextKey } = require('@opentelemetry/api')
      const manager = new AsyncLocalStorageContextManager().enable()
      console.log('registered', context.setGlobalContextManager(manager))
      const key = createContextKey('of the app')
      const http = require('node:http')
      const server = http.createServer((request, response) => response.end('ok'))
      server.listen(0, '127.0.0.1', () => trace.getTracer('app').startActiveSpan('outer', (span) => {
        console.log(trace.getActiveSpan() === span, trace.getSpan(manager.active()) === span)
        context.with(context.active().setValue(key, 1), () => {
          http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
            console.log(context.active().getValue(key), trace.getActiveSpan() === span)
            response.resume()
            response.on('end', () => { span.end(); server.close() })
          })
        })
      }))`,
  },
  {
    name: 'the spans of @paxx/obs stay ours',
    spans: 1,
    says: [LINE],
    source: `${SDK}
      const { withSpan, getTracer } = require(${JSON.stringify(ROOT)})
      startSdk()
      withSpan('ours', () => console.log('done'))`,
  },
]

describe('an SDK that the app starts after the preload', { concurrency: 2 }, () => {
  for (const { name, source, spans, says = [] } of CASES) {
    test(name, async (t) => {
      const receiver = await OtlpReceiver.start(t)
      await asBare(t, {
        source,
        says,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_TRACES_EXPORTER: 'otlp' },
      })
      assert.equal(receiver.spans.length, spans, receiver.spans.map((span) => span.name).join())
    })
  }
})
