import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import fc from 'fast-check'
import { SpanEncoder } from '../../../src/export/span-encoder.ts'
import type { SpanEnding, SpanFacts } from '../../../src/sdk/deferred-span.ts'
import { DeferredSpan } from '../../../src/sdk/deferred-span.ts'
import { DeferredTracer } from '../../../src/sdk/deferred-tracer.ts'
import { spansOf } from '../../support/otlp-decode.ts'
import { SCHEMAS } from '../../support/otlp-schema.ts'

interface Collecting extends SpanProcessor {
  readonly takesDeferred: boolean
  readonly spans: ReadableSpan[]
}

async function done(): Promise<void> {}

function collecting(takesDeferred: boolean): Collecting {
  const spans: ReadableSpan[] = []
  return {
    takesDeferred,
    spans,
    onStart() {},
    onEnd: (span) => void spans.push(span),
    forceFlush: done,
    shutdown: done,
  }
}

const LIMITS = { attributeCountLimit: 40, eventCountLimit: 2, linkCountLimit: 2 }

function provided(sampler: Sampler = new AlwaysOnSampler()): {
  tracer: ReturnType<TracerProvider['getTracer']>
  exported: Collecting
} {
  const exported = collecting(true)
  const provider = new TracerProvider({ spanProcessors: [exported], spanLimits: LIMITS, sampler })
  return { tracer: provider.getTracer('test', '1'), exported }
}

const PARENT = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED, isRemote: true }
const CONTEXTS = [ROOT_CONTEXT, trace.setSpanContext(ROOT_CONTEXT, PARENT)]

function decodedSpans(request: Uint8Array): ReturnType<typeof spansOf> {
  const type = SCHEMAS.traces.request
  return spansOf(type.toObject(type.decode(request), { longs: String }))
}

function factsWith(parentContext = ROOT_CONTEXT, isPlain = false): SpanFacts {
  return {
    name: 'GET',
    kind: SpanKind.SERVER,
    parentContext,
    startedAtEpochMs: 1_800_000_000_123,
    startedAtMs: performance.now(),
    shared: [{ attributes: { 'url.scheme': 'http' } }, { attributes: { 'server.port': 80 } }],
    own: () => (isPlain ? { 'url.path': '/x' } : { 'url.path': '/x', 'url.query': 'q=1' }),
    plainName: 'url.path',
    plainValue: isPlain ? '/x' : undefined,
  }
}

type Operation = (span: Span) => unknown

const key = fc.constantFrom('a', 'url.path', 'http.route', 'ä', '')
const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined, ['a'], [1, 2]))
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(key, value).map(
    ([name, each]) =>
      (span: Span) =>
        span.setAttribute(name, each as string),
  ),
  fc.dictionary(key, value).map((all) => (span: Span) => span.setAttributes(all as Record<string, string>)),
  fc.tuple(key, fc.integer({ min: 0, max: 60 })).map(([name, many]) => (span: Span) => {
    for (let i = 0; i < many; i++) span.setAttribute(name + i, i)
  }),
  fc.string().map((name) => (span: Span) => span.addEvent(name, { at: 1 }, 1_800_000_000_200)),
  fc.string().map((name) => (span: Span) => span.updateName(name)),
  fc
    .record({
      code: fc.constantFrom(SpanStatusCode.OK, SpanStatusCode.ERROR, SpanStatusCode.UNSET),
      message: fc.string(),
    })
    .map((status) => (span: Span) => span.setStatus(status)),
  fc.constant((span: Span) => span.addLink({ context: PARENT, attributes: { of: 1 } })),
  fc.constant((span: Span) => span.addLinks([{ context: PARENT }, { context: PARENT }, { context: PARENT }])),
  fc
    .string()
    .map((message) => (span: Span) => span.recordException({ name: 'E', message, stack: 's' }, 1_800_000_000_200)),
  fc.constant((span: Span) => span.end(1_800_000_000_300)),
)

const ending: fc.Arbitrary<SpanEnding> = fc.record({
  name: fc.constantFrom(undefined, 'GET /x'),
  attributes: fc.constantFrom({}, { 'http.response.status_code': 200, 'http.route': '/x' }),
  status: fc.constantFrom({ code: SpanStatusCode.UNSET }, { code: SpanStatusCode.ERROR, message: 'm' }),
})

/** All that is exported, but for ids and the time of the end. */
function contentOf(span: ReadableSpan | undefined): object | undefined {
  if (span === undefined) return undefined
  const { name, kind, status, attributes, events, links, startTime, ended, parentSpanContext } = span
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span
  const dropped = [droppedAttributesCount, droppedEventsCount, droppedLinksCount]
  return {
    name,
    kind,
    status,
    attributes,
    events,
    links,
    startTime,
    ended,
    parentSpanContext,
    dropped,
    instrumentationScope,
  }
}

test('a deferred span ends like one of the SDK, whatever the app does with it', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 6 }),
      ending,
      fc.constantFrom(...CONTEXTS),
      (operations, last, parent) => {
        const facts = factsWith(parent)
        const { tracer, exported } = provided()
        const deferred = DeferredTracer.of(tracer)?.start(facts) as DeferredSpan
        const reference = provided()
        const attributes = Object.assign({}, ...facts.shared.map((each) => each.attributes), facts.own())
        const sdk = reference.tracer.startSpan(
          'GET',
          { kind: facts.kind, attributes, startTime: facts.startedAtEpochMs },
          parent,
        )
        for (const apply of operations) {
          assert.equal(apply(deferred) === deferred, apply(sdk) === sdk, 'what chains')
          assert.equal(deferred.isRecording(), sdk.isRecording())
        }
        deferred.finish(last, facts.startedAtMs + 12.5)
        if (sdk.isRecording()) {
          sdk.setAttributes(last.attributes).setStatus(last.status)
          if (last.name !== undefined) sdk.updateName(last.name)
          sdk.end(facts.startedAtEpochMs + 12.5)
        }
        assert.equal(exported.spans.length, 1)
        const [span] = exported.spans
        assert.deepEqual(contentOf(span), contentOf(reference.exported.spans[0]))
        assert.deepEqual(span?.endTime, reference.exported.spans[0]?.endTime)
        assert.equal(deferred.isRecording(), false)
        // Once more, when all is over: nothing changes, and nothing is exported again.
        deferred.setAttribute('late', 1).addEvent('late').end()
        assert.equal(exported.spans.length, 1)
        assert.equal(deferred.attributes['late'], undefined)
      },
    ),
    { numRuns: 500 },
  )
})

test('an unmodified span is encoded like the SDK span it replaces', () => {
  const all = { span: () => {}, attributes: <T>(each: T): T => each, keepsPlain: true, text: (text: string) => text }
  fc.assert(
    fc.property(
      ending,
      fc.constantFrom(...CONTEXTS),
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      fc.boolean(),
      (last, parent, durationMs, isPlain) => {
        const { tracer, exported } = provided()
        const facts = factsWith(parent, isPlain)
        const deferred = DeferredTracer.of(tracer)?.start(facts) as DeferredSpan
        deferred.finish(last, facts.startedAtMs + durationMs)
        const [span] = exported.spans
        assert.equal(span, deferred)
        const own = new SpanEncoder(all)
        own.add(deferred)
        const [decoded] = decodedSpans(own.finish())
        // Its attributes have it made one of the SDK's, which has ended.
        assert.equal(deferred.attributes['url.path'], '/x')
        assert.equal(deferred.deferredEnding, undefined)
        const sdk = new SpanEncoder(all)
        sdk.add(deferred)
        assert.deepEqual(decoded, decodedSpans(sdk.finish())[0])
        assert.equal(decoded?.spanId, deferred.spanContext().spanId)
      },
    ),
    { numRuns: 200 },
  )
})

const SAMPLERS: readonly (readonly [sampler: Sampler, isDeferred: boolean])[] = [
  [new AlwaysOnSampler(), true],
  [new AlwaysOffSampler(), true],
  [new TraceIdRatioBasedSampler(0.25), true],
  [new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(1e-7) }), true],
  [{ shouldSample: () => ({ decision: 1 }), toString: () => 'ByPath{/x}' }, false],
]

for (const [sampler, isDeferred] of SAMPLERS) {
  test(`${String(sampler)}: ${isDeferred ? 'decides as for the SDK' : 'reads attributes, so that spans are the SDK’s'}`, () => {
    const tracer = DeferredTracer.of(provided(sampler).tracer)
    assert.equal(tracer !== undefined, isDeferred)
    if (tracer === undefined) return
    for (const parent of CONTEXTS) {
      for (let i = 0; i < 50; i++) {
        const span: Span = tracer.start(factsWith(parent))
        const { traceId, traceFlags } = span.spanContext()
        const { decision } = sampler.shouldSample(parent, traceId, 'GET', SpanKind.SERVER, {}, [])
        assert.equal(span.isRecording(), decision !== 0)
        assert.equal(traceFlags, decision === 2 ? TraceFlags.SAMPLED : TraceFlags.NONE)
        if (parent !== ROOT_CONTEXT) assert.equal(traceId, PARENT.traceId)
      }
    }
  })
}

test('a processor that needs spans of the SDK gets none that is deferred', () => {
  const provider = new TracerProvider({ spanProcessors: [collecting(true), collecting(false)] })
  assert.equal(DeferredTracer.of(provider.getTracer('test')), undefined)
})
