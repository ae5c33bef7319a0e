import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import fc from 'fast-check'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { setLogLevel } from '../../../src/base/diag.ts'
import { RetryingExporter } from '../../../src/export/retrying-exporter.ts'
import { Ledger } from '../../../src/export/ledger.ts'
import { Retention } from '../../../src/export/retention.ts'
import { SpanEncoder } from '../../../src/export/span-encoder.ts'
import { splitBody } from '../../../src/export/split-body.ts'
import type { OtlpSettings } from '../../../src/settings/settings.ts'

setLogLevel('none')

const resource = resourceFromAttributes({ 'service.name': 'shop' })
const SCOPES = [{ name: 'a' }, { name: 'b', version: '1' }]

function span(name: string, scope: number): ReadableSpan {
  return {
    name,
    kind: 0,
    spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
    startTime: [1, 0],
    endTime: [2, 0],
    duration: [1, 0],
    ended: true,
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    resource,
    instrumentationScope: SCOPES[scope] as { name: string },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

type Body = Uint8Array<ArrayBuffer>
const SERIALIZERS = {
  'http/protobuf': (spans: ReadableSpan[]) => ProtobufTraceSerializer.serializeRequest(spans) as Body,
  'http/json': (spans: ReadableSpan[]) => JsonTraceSerializer.serializeRequest(spans) as Body,
  zipkin: (spans: ReadableSpan[]) => new Uint8Array(Buffer.from(JSON.stringify(spans.map(({ name }) => ({ name }))))),
} as const

/** Names are of letters that stand nowhere else in a request. */
function namesIn(body: Uint8Array): string[] {
  return (
    Buffer.from(body)
      .toString('latin1')
      .match(/Q[XYZ]+Q/g) ?? []
  )
}

for (const [protocol, serialize] of Object.entries(SERIALIZERS)) {
  test(`${protocol}: the parts of a split batch hold each span once, with resource and scope, and none is larger than it may be`, () => {
    const names = fc.array(
      fc.tuple(fc.string({ unit: fc.constantFrom('X', 'Y', 'Z'), minLength: 1, maxLength: 200 }), fc.nat(1)),
      {
        minLength: 2,
        maxLength: 30,
      },
    )
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 5000 }), (spans, maxBytes) => {
        const made = spans.map(([name, scope]) => span(`Q${name}Q`, scope))
        const body = serialize(made)
        const parts = splitBody(protocol as OtlpSettings['protocol'], { body, items: made.length }, maxBytes) ?? []
        assert.ok(parts.length > 1)
        assert.deepEqual(parts.flatMap((part) => namesIn(part.body)).toSorted(), namesIn(body).toSorted())
        for (const part of parts) {
          assert.equal(namesIn(part.body).length, part.items)
          if (protocol !== 'zipkin') assert.ok(Buffer.from(part.body).includes('shop'))
          assert.ok(part.items === 1 || part.body.byteLength <= Math.max(maxBytes, body.byteLength))
        }
      }),
      { numRuns: 50 },
    )
  })
}

test('a single item or an unknown body is not split', () => {
  const one = SERIALIZERS['http/protobuf']([span('x', 0)])
  assert.equal(splitBody('grpc', { body: one, items: 1 }, 10), undefined)
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('grpc', 'http/json', 'zipkin'),
      (bytes, protocol) => {
        const body = new Uint8Array(bytes)
        const parts = splitBody(protocol, { body, items: 3 }, 10)
        assert.equal(parts?.reduce((sum, { items }) => sum + items, 0) ?? 3, 3)
      },
    ),
  )
})

test('a batch that the collector rejects as too large is split until it is accepted, and only a span that is too large alone is dropped', async () => {
  const ledger = new Ledger()
  const retention = new Retention(ledger, 1e6)
  let attempts = 0
  const transport = {
    async send(body: Uint8Array) {
      attempts += 1
      return body.byteLength > 2000
        ? ({ status: 'failure', reason: 'RESOURCE_EXHAUSTED: larger than max', tooLarge: true } as const)
        : ({ status: 'success' } as const)
    },
  }
  const destination = new RetryingExporter({
    signal: 'traces',
    settings: { endpoint: 'http://c:4317', protocol: 'grpc', timeoutMs: 1000 } as OtlpSettings,
    createTransport: () => transport,
    ledger,
    retention,
    maxExportBytes: 1e6,
  })
  const spans = Array.from({ length: 100 }, (_, index) => span(index === 50 ? 'X'.repeat(3000) : 'QXQ', 0))
  const batch = { route: 'traces' as const, body: SERIALIZERS['http/protobuf'](spans), items: spans.length }
  ledger.accept(batch)
  destination.take(batch)
  await ledger.untilSettled(5000)
  assert.deepEqual([ledger.counted('traces', 'exported'), ledger.counted('traces', 'rejected')], [99, 1])
  assert.equal(ledger.retainedBytes, 0)
  assert.ok(attempts < 100, `${attempts} attempts`)
})

test('a span above the limit is truncated and marked; its batch releases the memory', () => {
  const encoder = new SpanEncoder({ span: () => {}, attributes: (all) => all, keepsPlain: true, text: (all) => all })
  const large = {
    ...span('large', 0),
    attributes: { text: 'x'.repeat(3_000_000), list: Array.from({ length: 10_000 }, () => 'y'.repeat(100)) },
  }
  encoder.add(large)
  assert.ok(encoder.sizeBytes < 300_000, `${encoder.sizeBytes}`)
  const body = encoder.finish()
  assert.ok(Buffer.from(body).includes('obs.span.cut'))
  assert.ok(body.buffer.byteLength < 2 * body.byteLength + 10_000)
  encoder.add(span('QXQ', 0))
  assert.deepEqual(namesIn(encoder.finish()), ['QXQ'])
})
