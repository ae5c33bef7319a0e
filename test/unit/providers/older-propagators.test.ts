import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import * as fc from 'fast-check'
import { JaegerPropagator, OtTracePropagator } from '../../../src/providers/older-propagators.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

const PROPAGATORS = { jaeger: new JaegerPropagator(), ottrace: new OtTracePropagator() } as const

type Headers = Record<string, string>

function extract(name: keyof typeof PROPAGATORS, headers: Headers): SpanContext | undefined {
  return trace.getSpanContext(PROPAGATORS[name].extract(ROOT_CONTEXT, headers, defaultTextMapGetter))
}

const read: readonly (readonly [
  name: keyof typeof PROPAGATORS,
  headers: Headers,
  traceId: string | undefined,
  spanId?: string,
  traceFlags?: number,
])[] = [
  ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }, TRACE, SPAN, 1],
  ['jaeger', { 'uber-trace-id': `${TRACE}%3A${SPAN}%3A0%3A03` }, TRACE, SPAN, 1],
  ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:2` }, TRACE, SPAN, 0],
  ['jaeger', { 'uber-trace-id': '1f:2:0:0' }, `${'0'.repeat(30)}1f`, `${'0'.repeat(15)}2`, 0],
  ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}` }, undefined],
  ['jaeger', { 'uber-trace-id': `0:0:0:1` }, undefined],
  ['jaeger', { 'uber-trace-id': `${TRACE}1:${SPAN}:0:1` }, undefined],
  ['jaeger', {}, undefined],
  [
    'ottrace',
    { 'ot-tracer-traceid': TRACE.slice(16), 'ot-tracer-spanid': SPAN, 'ot-tracer-sampled': 'true' },
    `${'0'.repeat(16)}${TRACE.slice(16)}`,
    SPAN,
    1,
  ],
  ['ottrace', { 'ot-tracer-traceid': TRACE, 'ot-tracer-spanid': SPAN, 'ot-tracer-sampled': 'false' }, TRACE, SPAN, 0],
  ['ottrace', { 'ot-tracer-traceid': TRACE, 'ot-tracer-spanid': 'x', 'ot-tracer-sampled': '1' }, undefined],
  ['ottrace', { 'ot-tracer-traceid': TRACE }, undefined],
]

for (const [name, headers, traceId, spanId, traceFlags] of read) {
  test(`${name} reads ${JSON.stringify(headers)}`, () => {
    const parent = extract(name, headers)
    assert.deepEqual([parent?.traceId, parent?.spanId, parent?.traceFlags], [traceId, spanId, traceFlags])
    if (parent !== undefined) assert.equal(parent.isRemote, true)
  })
}

const written: readonly (readonly [name: keyof typeof PROPAGATORS, headers: Headers])[] = [
  ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1`, 'uberctx-tenant': 'a%20b' }],
  [
    'ottrace',
    {
      'ot-tracer-traceid': TRACE.slice(16),
      'ot-tracer-spanid': SPAN,
      'ot-tracer-sampled': 'true',
      'ot-baggage-tenant': 'a%20b',
    },
  ],
]

for (const [name, headers] of written) {
  test(`${name} writes what it reads, with baggage`, () => {
    const baggage = propagation.createBaggage({ tenant: { value: 'a b' }, 'no token': { value: 'x' } })
    const parent = { traceId: TRACE, spanId: SPAN, traceFlags: 1 }
    const context = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, parent), baggage)
    const carrier: Headers = {}
    PROPAGATORS[name].inject(context, carrier, defaultTextMapSetter)
    assert.deepEqual(carrier, headers)
    const back = PROPAGATORS[name].extract(ROOT_CONTEXT, carrier, defaultTextMapGetter)
    assert.equal(trace.getSpanContext(back)?.spanId, SPAN)
    assert.equal(propagation.getBaggage(back)?.getEntry('tenant')?.value, 'a b')
    const none: Headers = {}
    PROPAGATORS[name].inject(suppressTracing(context), none, defaultTextMapSetter)
    assert.deepEqual(none, {})
    assert.ok(PROPAGATORS[name].fields().every((field) => field in headers))
  })
}

test('any header is a parent or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-f:%A]{0,60}$/), (any, near) => {
      for (const value of [any, near]) {
        for (const [name, header] of [
          ['jaeger', 'uber-trace-id'],
          ['ottrace', 'ot-tracer-traceid'],
        ] as const) {
          const parent = extract(name, { [header]: value, 'ot-tracer-spanid': value, 'uberctx-': value })
          if (parent !== undefined) assert.match(parent.traceId + parent.spanId, /^[0-9a-f]{48}$/)
        }
      }
    }),
    { numRuns: 500 },
  )
})
