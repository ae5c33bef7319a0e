import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { setLogLevel } from '../../../src/base/diag.ts'
import { OperationSpan } from '../../../src/instrumentation/operations/operation-span.ts'
import { KEPT_ATTRIBUTE, MAX_SPANS_A_TRACE } from '../../../src/sampling/local-traces.ts'
import { createSampling, type Sampling } from '../../../src/sampling/sampling.ts'
import { settingsOf } from '../../support/settings-of.ts'

// The line about lost spans is an end-to-end test's.
setLogLevel('none')

const OFF = new ParentBasedSampler({ root: new AlwaysOffSampler() })
const ON = new ParentBasedSampler({ root: new AlwaysOnSampler() })

interface Under {
  readonly sampling: Sampling
  /** Names of the spans that reached the exporters, in that order. */
  readonly exported: () => string[]
  readonly spans: readonly ReadableSpan[]
  readonly tracer: Tracer
  start(name: string, parent?: Span | Context): Span
}

function under(env: Readonly<Record<string, string>>, sampler: Sampler): Under {
  const spans: ReadableSpan[] = []
  const take = (span: ReadableSpan): void => void spans.push(span)
  const sink = { onStart() {}, onEnd: take, take, forceFlush: async () => {}, shutdown: async () => {} }
  const sampling = createSampling(settingsOf(env).traces, [sink])
  const provider = new TracerProvider({
    sampler: sampling.around(sampler),
    spanProcessors: [...sampling.spanProcessors],
  })
  const tracer = provider.getTracer('test')
  return {
    sampling,
    spans,
    tracer,
    exported: () => spans.map(({ name }) => name),
    start(name, parent) {
      const isSpan = parent !== undefined && 'spanContext' in parent
      const from = isSpan ? trace.setSpan(ROOT_CONTEXT, parent as Span) : ((parent as Context) ?? ROOT_CONTEXT)
      return tracer.startSpan(name, {}, from)
    },
  }
}

function fail(span: Span): Span {
  return span.setStatus({ code: SpanStatusCode.ERROR })
}

function caller(traceFlags: TraceFlags): Context {
  const spanContext = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags,
    isRemote: true,
  }
  return trace.setSpanContext(context.active(), spanContext)
}

const ERRORS = { OBS_TRACES_KEEP: 'errors' }
/** Everything is slow that ends later than this millisecond. */
const SLOW = { OBS_TRACES_KEEP: 'slow', OBS_TRACES_SLOW_THRESHOLD: '200' }

function wait(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('a trace without an error is dropped entirely', () => {
  const { start, exported } = under(ERRORS, OFF)
  const root = start('root')
  start('child', root).end()
  root.end()
  assert.deepEqual(exported(), [])
})

test('a failed span keeps its local trace: earlier and later spans', () => {
  const { start, exported, spans } = under(ERRORS, OFF)
  const root = start('root')
  start('before', root).end()
  assert.deepEqual(exported(), [])
  fail(start('failed', root)).end()
  assert.deepEqual(exported(), ['before', 'failed'])
  start('after', root).end()
  root.end()
  start('late', root).end()
  assert.deepEqual(exported(), ['before', 'failed', 'after', 'root', 'late'])
  assert.equal(spans.find(({ name }) => name === 'root')?.attributes[KEPT_ATTRIBUTE], 'error')
  assert.ok(spans.every((span) => span.spanContext().traceFlags === TraceFlags.NONE))
})

test('a failed root keeps it, and is marked itself', () => {
  const { start, exported, spans } = under(ERRORS, OFF)
  const root = start('root')
  start('child', root).end()
  fail(root).end()
  assert.deepEqual(exported(), ['child', 'root'])
  assert.equal(spans[1]?.attributes[KEPT_ATTRIBUTE], 'error')
})

test('two requests of one trace, and two traces, are decided independently', () => {
  const { start, exported } = under(ERRORS, OFF)
  const first = start('first', caller(TraceFlags.NONE))
  const second = start('second', caller(TraceFlags.NONE))
  fail(start('failed', second)).end()
  start('fine', first).end()
  first.end()
  second.end()
  assert.deepEqual(exported(), ['failed', 'second'])
})

test('sampled traces pass as they are', () => {
  const { start, exported, spans } = under(ERRORS, OFF)
  const root = start('root', caller(TraceFlags.SAMPLED))
  fail(start('child', root)).end()
  root.end()
  assert.deepEqual(exported(), ['child', 'root'])
  assert.ok(spans.every((span) => !(KEPT_ATTRIBUTE in span.attributes)))
})

test('a slow trace is recognised before its end, without errors being configured', () => {
  const { start, exported } = under(SLOW, OFF)
  const fast = start('fast')
  fail(start('failed', fast)).end()
  fast.end()
  const slow = start('slow')
  start('early', slow).end()
  wait(210)
  start('late', slow).end()
  assert.deepEqual(exported(), ['early', 'late'])
  slow.end()
  assert.deepEqual(exported(), ['early', 'late', 'slow'])
})

test('at the end of the process, slow traces are kept and the rest is dropped', () => {
  const { start, exported, sampling } = under(SLOW, OFF)
  const slow = start('slow')
  start('of slow', slow).end()
  wait(210)
  const fast = start('fast')
  start('of fast', fast).end()
  sampling.decideAll(undefined)
  assert.deepEqual(exported(), ['of slow'])
})

test('at the end of a failed process, unfinished traces are kept', () => {
  for (const [exitCode, kept] of [
    [1, ['child']],
    ['3', ['child']],
    [0, []],
    [undefined, []],
  ] as const) {
    const { start, exported, sampling } = under(ERRORS, OFF)
    start('child', start('root')).end()
    sampling.decideAll(exitCode)
    assert.deepEqual(exported(), kept)
  }
})

test('spans that wait are bounded: the oldest trace goes first, and its spans are no longer recorded', () => {
  const { start, exported } = under({ ...ERRORS, OBS_TRACES_KEEP_MAX_SPANS: '10' }, OFF)
  const oldest = start('oldest')
  for (let i = 0; i < 6; i++) start(`a${i}`, oldest).end()
  const newer = start('newer')
  for (let i = 0; i < 6; i++) start(`b${i}`, newer).end()
  assert.equal(start('c', oldest).isRecording(), false)
  fail(oldest).end()
  fail(newer).end()
  assert.deepEqual(exported(), ['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'newer'])
})

test('a trace that is longer than the buffer is dropped, which leaves room for others', () => {
  const { start, exported } = under({ ...ERRORS, OBS_TRACES_KEEP_MAX_SPANS: '3' }, OFF)
  const long = start('long')
  for (let i = 0; i < 10; i++) start('child', long).end()
  const other = start('other')
  fail(start('failed', other)).end()
  assert.deepEqual(exported(), ['failed'])
})

test('the number of spans that wait per trace is bounded, and its root is kept', () => {
  const { start, exported } = under(ERRORS, OFF)
  const root = start('root')
  for (let i = 0; i < MAX_SPANS_A_TRACE + 5; i++) start('child', root).end()
  fail(root).end()
  assert.equal(exported().length, MAX_SPANS_A_TRACE + 1)
  assert.equal(exported().at(-1), 'root')
})

test('spans below a wrapped span belong to the same trace', () => {
  const env = { ...ERRORS, OBS_IGNORE_FROM: 'traces', OBS_IGNORE_PATHS: '/health' }
  const { start, exported } = under(env, OFF)
  const root = start('root')
  const query = new OperationSpan(start('query', root), {}, 'query', {}, () => {})
  start('socket', query).end()
  query.end()
  fail(root).end()
  assert.deepEqual(exported(), ['socket', 'query', 'root'])
})

test('the rate limit decides a trace once, respects callers, and allows the same rate again for kept traces', () => {
  const { start, exported } = under({ ...ERRORS, OBS_TRACES_PER_SECOND: '2' }, ON)
  for (let i = 0; i < 10; i++) {
    const root = start(`ok ${i}`)
    start('child', root).end()
    root.end()
  }
  assert.deepEqual(exported(), ['child', 'ok 0', 'child', 'ok 1'])
  for (let i = 0; i < 10; i++) fail(start(`failed ${i}`)).end()
  assert.deepEqual(exported().slice(4), ['failed 0', 'failed 1'])
  start('called', caller(TraceFlags.SAMPLED)).end()
  assert.equal(exported().at(-1), 'called')
})

test('ignored requests are dropped entirely, including their errors, and others are not', () => {
  const env = {
    ...ERRORS,
    OBS_IGNORE_FROM: 'traces',
    OBS_IGNORE_PATHS: '/health*',
    OBS_IGNORE_HOSTS: 'vault:8200,*.internal',
  }
  const { tracer, exported } = under(env, new AlwaysOnSampler())
  const server = (path: string) =>
    tracer.startSpan('server', { kind: SpanKind.SERVER, attributes: { 'url.path': path } }, ROOT_CONTEXT)
  const health = server('/healthz')
  fail(tracer.startSpan('below', {}, trace.setSpan(ROOT_CONTEXT, health))).end()
  health.end()
  assert.deepEqual([exported(), health.spanContext().traceFlags], [[], TraceFlags.NONE])
  const other = server('/other')
  for (const host of ['vault', 'a.internal', 'elsewhere']) {
    const attributes = { 'server.address': host, 'server.port': 8200 }
    tracer.startSpan(host, { kind: SpanKind.CLIENT, attributes }, trace.setSpan(ROOT_CONTEXT, other)).end()
  }
  other.end()
  assert.deepEqual(exported(), ['elsewhere', 'server'])
})

test('a sampler that ignores the decision of callers is limited for their traces too', () => {
  const { start, exported } = under(
    { OBS_TRACES_PER_SECOND: '1', OTEL_TRACES_SAMPLER: 'always_on' },
    new AlwaysOnSampler(),
  )
  const first = start('first', caller(TraceFlags.SAMPLED))
  const second = start('second', caller(TraceFlags.SAMPLED))
  start('of second', second).end()
  start('of first', first).end()
  assert.deepEqual(exported(), ['of first'])
})
