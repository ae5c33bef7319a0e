import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, collected, withExemplars } from '../../../support/collected-metrics.ts'
import { decodeFamilies } from '../../../support/metric-family.ts'
import type { DecodedFamily } from '../../../support/metric-family.ts'

const EXEMPLARS = [{ value: 0.5, timestampMs: 1_700_000_000_250, traceId: 'abc', spanId: 'def' }]
const EXEMPLAR = {
  label: [
    { name: 'trace_id', value: 'abc' },
    { name: 'span_id', value: 'def' },
  ],
  value: 0.5,
  timestamp: { seconds: 1_700_000_000, nanos: 250_000_000 },
}

async function families(): Promise<Map<string, DecodedFamily>> {
  const result = await collected(
    (_, meterOf) => {
      const meter = meterOf('shop', '1.2')
      const counter = meter.createCounter('orders', { unit: 'By', description: 'Tä\n"ken' })
      // More points than go into one step, and labels longer than a one-byte length.
      for (let i = 0; i < 250; i++) counter.add(i + 1, { 'a.b': i, long: 'x'.repeat(300) })
      meter.createGauge('load').record(-0.5)
      meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } }).record(0.5)
      const exponential = meter.createHistogram('exponential.wait', { unit: 's' })
      for (const value of [0, 0.001, 0.5, 0.5, 1000]) exponential.record(value)
      meter.createCounter('plain').add(1)
    },
    { 'service.name': 'shop' },
  )
  withExemplars(result, (name) => (name === 'plain' ? undefined : EXEMPLARS))
  return new Map(decodeFamilies(bytesOf(result)).map((f) => [f.name, f]))
}

test('protobuf exposition', async (t) => {
  const all = await families()
  const scope = [
    { name: 'otel_scope_name', value: 'shop' },
    { name: 'otel_scope_version', value: '1.2' },
  ]
  await t.test('target_info', () => {
    assert.deepEqual(all.get('target_info')?.metric, [
      { label: [{ name: 'service_name', value: 'shop' }], gauge: { value: 1 } },
    ])
  })
  await t.test('counter', () => {
    const { help, type, unit, metric } = all.get('orders_bytes_total') ?? assert.fail('no counter')
    assert.deepEqual([help, type, unit, metric.length], ['Tä\n"ken', 'COUNTER', 'bytes', 250])
    const last = metric[249]
    assert.deepEqual(last?.label, [{ name: 'a_b', value: '249' }, { name: 'long', value: 'x'.repeat(300) }, ...scope])
    const { created_timestamp: created, ...rest } = last?.counter ?? {}
    assert.deepEqual(rest, { value: 250, exemplar: EXEMPLAR })
    assert.ok((created as { seconds: number }).seconds > 1_700_000_000)
    assert.equal(all.get('plain_total')?.metric[0]?.counter?.['exemplar'], undefined)
  })
  await t.test('gauge', () => assert.deepEqual(all.get('load')?.metric, [{ label: scope, gauge: { value: -0.5 } }]))
  await t.test('histogram', () => {
    const { created_timestamp: _, ...histogram } = all.get('wait_seconds')?.metric[0]?.histogram ?? {}
    assert.deepEqual(histogram, {
      sample_count: 1,
      sample_sum: 0.5,
      bucket: [
        { cumulative_count: 0, upper_bound: 0.1 },
        { cumulative_count: 1, upper_bound: 1, exemplar: EXEMPLAR },
        { cumulative_count: 1, upper_bound: Infinity },
      ],
    })
  })
  await t.test('exponential histogram as native histogram', () => {
    const histogram = all.get('exponential_wait_seconds')?.metric[0]?.histogram ?? {}
    const { sample_count, zero_count, zero_threshold, positive_delta, exemplars } = histogram
    assert.deepEqual([sample_count, zero_count, zero_threshold], [5, 1, 1e-128])
    assert.deepEqual(positive_delta, [1, 1, -1])
    assert.deepEqual(exemplars, [EXEMPLAR])
    const schema = histogram['schema'] as number
    const spans = histogram['positive_span'] as { offset: number; length: number }[]
    // Index i holds what is above 2^((i-1)/2^schema) and up to 2^(i/2^schema).
    const bounds: number[] = []
    let index = 0
    for (const { offset, length } of spans) {
      index += offset
      for (let i = 0; i < length; i++) bounds.push(2 ** (index++ / 2 ** schema))
    }
    assert.equal(bounds.length, 3)
    for (const [i, value] of [0.001, 0.5, 1000].entries()) {
      const upper = bounds[i] ?? NaN
      assert.ok(
        value <= upper * (1 + 1e-9) && value > (upper / 2 ** (1 / 2 ** schema)) * (1 - 1e-9),
        `${value} ${upper}`,
      )
    }
  })
})
