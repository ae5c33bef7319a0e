import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTraceState, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { AnyValue, Attributes, SpanContext } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import fc from 'fast-check'
import { SpanEncoder } from '../../../src/export/span-encoder.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  // A lone half of a surrogate pair, which has no UTF-8.
  fc.constantFrom('\ud800', 'a\udfffb', 'ä'.repeat(200)),
)
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), -(2 ** 64), 127, 128, -1),
)
const scalar: fc.Arbitrary<AnyValue | undefined> = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constantFrom(null, undefined),
)
const value = fc.letrec<{ value: AnyValue | undefined }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.uint8Array({ maxLength: 200 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ) as fc.Arbitrary<AnyValue | undefined>,
})).value
const attributes = fc.dictionary(text, value, { maxKeys: 8 }) as fc.Arbitrary<ReadableSpan['attributes']>
const count = fc.oneof(fc.constant(0), fc.nat())
const time = fc.tuple(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 0, max: 999_999_999 }))
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const spanContext: fc.Arbitrary<SpanContext> = fc
  .record(
    {
      traceId: hex(32),
      spanId: hex(16),
      traceFlags: fc.nat(255),
      isRemote: fc.boolean(),
      traceState: fc.constantFrom(createTraceState('a=b,c=d'), createTraceState('')),
    },
    { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
  )
  .map((context) => context)

const PLAIN = { span: () => {}, attributes: (all: Attributes) => all, keepsPlain: true, text: (all: string) => all }

/** A tracer's own objects: spans are grouped by them. */
const ORIGINS = [
  { name: 'one', version: '1.0' },
  { name: 'two', schemaUrl: 'https://example.com/schema' },
  { name: '' },
].map((instrumentationScope) => ({
  instrumentationScope,
  resource: resourceFromAttributes({ 'service.name': 'shop', answer: 42, list: ['a', 'b'] }),
}))
const [first] = ORIGINS
assert.ok(first)
const SHARED = ORIGINS.map(({ instrumentationScope }) => ({ instrumentationScope, resource: first.resource }))

const span = (origins: typeof ORIGINS): fc.Arbitrary<ReadableSpan> =>
  fc
    .record(
      {
        origin: fc.constantFrom(...origins),
        name: text,
        kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CONSUMER),
        context: spanContext,
        parentSpanContext: spanContext,
        startTime: time,
        endTime: time,
        status: fc.record(
          { code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.ERROR), message: text },
          { requiredKeys: ['code'] },
        ),
        attributes,
        links: fc.array(
          fc.record({ context: spanContext, attributes, droppedAttributesCount: count }, { requiredKeys: ['context'] }),
          { maxLength: 3 },
        ),
        events: fc.array(
          fc.record(
            { name: text, time, attributes, droppedAttributesCount: count },
            { requiredKeys: ['name', 'time'] },
          ),
          { maxLength: 3 },
        ),
        droppedAttributesCount: count,
        droppedEventsCount: count,
        droppedLinksCount: count,
      },
      { noNullPrototype: true },
    )
    .map(
      ({ origin, context, ...rest }) => ({ ...origin, ...rest, spanContext: () => context }) as unknown as ReadableSpan,
    )

for (const { label, origins } of [
  { label: 'one resource', origins: SHARED },
  { label: 'a resource each', origins: ORIGINS },
]) {
  test(`batches of any spans of tracers with ${label} have the same bytes as with the SDK's serializer`, () => {
    fc.assert(
      fc.property(fc.array(span(origins), { minLength: 1, maxLength: 6 }), (spans) => {
        const expected = ProtobufTraceSerializer.serializeRequest(spans) ?? []
        const encoder = new SpanEncoder(PLAIN)
        for (const batch of ['first', 'with the buffers of the first']) {
          for (const each of spans) encoder.add(each)
          assert.deepEqual(Buffer.from(encoder.finish()), Buffer.from(expected), batch)
        }
      }),
      { numRuns: 300 },
    )
  })
}

test('a span that cannot be encoded leaves the others of its batch as they are', () => {
  const [good] = fc.sample(span(SHARED), { numRuns: 1, seed: 1 })
  assert.ok(good)
  const encoder = new SpanEncoder(PLAIN)
  encoder.add(good)
  const attributes = Object.defineProperty({}, 'thrown', {
    enumerable: true,
    get: () => {
      throw new Error('no value')
    },
  })
  assert.throws(() => encoder.add({ ...good, attributes }), /no value/)
  assert.deepEqual(Buffer.from(encoder.finish()), Buffer.from(ProtobufTraceSerializer.serializeRequest([good]) ?? []))
})
