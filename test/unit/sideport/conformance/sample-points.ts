import assert from 'node:assert/strict'
import { AggregationTemporality } from '@opentelemetry/sdk-metrics'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { ACCEPT, withExemplars } from '../../../support/collected-metrics.ts'
import type { Requirement } from './requirement.ts'

/** compatibility/prometheus_and_openmetrics: gauges, sums, histograms, exemplars and the resource. */
const SUMS = 'Sums'
const HISTOGRAMS = 'Histograms as Prometheus Histograms'
const EXPONENTIAL = 'Exponential Histograms'
const EXEMPLARS = 'Exemplar Conversion'
const RESOURCE = 'Resource Attributes'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

/** An older and a newer one in the bucket up to 1, with attributes that a view took off. */
function exemplary(result: CollectionResult): CollectionResult {
  const span = { traceId: TRACE, spanId: SPAN }
  return withExemplars(result, () => [
    { value: 0.7, timestampMs: 1_700_000_001_500, ...span, filteredAttributes: { user: 'u1', trace_id: 'forged' } },
    { value: 0.5, timestampMs: 1_700_000_000_000, ...span },
  ])
}

function inDelta(result: CollectionResult): CollectionResult {
  for (const { metrics } of result.resourceMetrics.scopeMetrics) {
    for (const metric of metrics) Object.assign(metric, { aggregationTemporality: AggregationTemporality.DELTA })
  }
  return result
}

const BOUNDED = { advice: { explicitBucketBoundaries: [0.1, 1] } }

export const POINT_REQUIREMENTS: readonly Requirement[] = [
  {
    level: 'MUST',
    section: 'Gauges',
    words: 'convert a gauge to a Prometheus gauge',
    record: (meter) => meter.createGauge('level').record(-1.5),
    check: ({ text }) => assert.match(text, /^# TYPE level gauge\nlevel(?:\{.*\})? -1\.5$/m),
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: 'Gauges',
    words: 'drop exemplars of gauges',
    record: (meter) => meter.createGauge('level').record(1),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.doesNotMatch(text, /trace_id/),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: SUMS,
    words: 'convert a cumulative monotonic sum to a counter',
    record: (meter) => meter.createCounter('jobs').add(2),
    check: ({ text }) => assert.match(text, /^# TYPE jobs_total counter\njobs_total(?:\{.*\})? 2$/m),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: SUMS,
    words: 'convert a cumulative sum that is not monotonic as a gauge',
    record: (meter) => meter.createUpDownCounter('open').add(-2),
    check: ({ text }) => assert.match(text, /^# TYPE open gauge\nopen(?:\{.*\})? -2$/m),
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: SUMS,
    words: 'add `_total` to monotonic sums that do not end in it',
    record: (meter) => {
      meter.createCounter('jobs').add(1)
      meter.createCounter('done_total').add(1)
    },
    check: ({ text }) => {
      assert.match(text, /^jobs_total/m)
      assert.match(text, /^done_total(?:\{.*\})? 1$/m)
    },
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: SUMS,
    words: 'transform the start time of a counter',
    record: (meter) => meter.createCounter('jobs').add(1),
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /^jobs_created(?:\{.*\})? \d{10}\.\d{3}$/m),
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: SUMS,
    words: 'convert the exemplars of a counter; the latest where the protocol has one',
    record: (meter) => meter.createCounter('jobs').add(1),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /^jobs_total(?:\{.*\})? 1 # \{.*\} 0\.7 1700000001\.500$/m),
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: 'Histograms',
    words: 'drop histograms of delta temporality, or aggregate them',
    record: (meter) => meter.createHistogram('wait').record(1),
    changed: inDelta,
    check: ({ text }) => assert.doesNotMatch(text, /^wait/m),
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: HISTOGRAMS,
    words: 'convert count, sum, and buckets in ascending order with cumulative counts and `+Inf`',
    record: (meter) => {
      const histogram = meter.createHistogram('wait', BOUNDED)
      for (const value of [0.05, 0.1, 0.5, 7]) histogram.record(value)
    },
    check: ({ lines }) => {
      const samples = lines('wait').map((line) => line.replace(/otel_scope_name="",?/, '').replace('{}', ''))
      assert.deepEqual(
        samples.filter((line) => line.startsWith('wait_bucket')),
        ['wait_bucket{le="0.1"} 2', 'wait_bucket{le="1"} 3', 'wait_bucket{le="+Inf"} 4'],
      )
      assert.ok(samples.includes('wait_sum 7.65') && samples.includes('wait_count 4'), samples.join('\n'))
    },
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: HISTOGRAMS,
    words: 'transform the start time of a histogram',
    record: (meter) => meter.createHistogram('wait').record(1),
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /^wait_created(?:\{.*\})? \d{10}\.\d{3}$/m),
    upstream: 'not offered',
  },
  {
    level: 'SHOULD',
    section: HISTOGRAMS,
    words: 'convert the latest exemplar of each bucket',
    record: (meter) => meter.createHistogram('wait', BOUNDED).record(0.5),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => {
      assert.match(text, /^wait_bucket\{.*le="1\.0"\} 1 # \{.*\} 0\.7 1700000001\.500$/m)
      assert.equal(text.match(/ # \{/g)?.length, 1)
    },
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: EXPONENTIAL,
    words: 'convert a cumulative exponential histogram to a native histogram: schema, sparse buckets, zero bucket',
    record: (meter) => {
      const histogram = meter.createHistogram('exponential.wait')
      for (const value of [0, 0.5, 0.5, 1000]) histogram.record(value)
    },
    asked: { accept: ACCEPT.protobuf },
    check: ({ families }) => {
      const { histogram } = families.get('exponential_wait')?.metric[0] ?? {}
      const { schema, zero_count: zeros, zero_threshold: threshold, positive_delta: deltas } = histogram ?? {}
      assert.ok(Number(schema) >= -4 && Number(schema) <= 8, String(schema))
      assert.deepEqual([zeros, threshold, deltas], [1, 1e-128, [2, -1]])
    },
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: EXPONENTIAL,
    words: 'drop exponential histograms of delta temporality, or aggregate them',
    record: (meter) => meter.createHistogram('exponential.wait').record(1),
    changed: inDelta,
    asked: { accept: ACCEPT.protobuf },
    check: ({ families }) => assert.equal(families.get('exponential_wait'), undefined),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: EXEMPLARS,
    words: 'add trace and span id as `trace_id` and `span_id`, before filtered attributes of those names',
    record: (meter) => meter.createCounter('jobs').add(1),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => {
      assert.ok(text.includes(`trace_id="${TRACE}",span_id="${SPAN}"`))
      assert.doesNotMatch(text, /forged/)
    },
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: EXEMPLARS,
    words: 'add timestamps to exemplars',
    record: (meter) => meter.createCounter('jobs').add(1),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /# \{.*\} 0\.7 1700000001\.500$/m),
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: EXEMPLARS,
    words: 'add filtered attributes as labels of exemplars, within the limit of the protocol',
    record: (meter) => meter.createCounter('jobs').add(1),
    changed: exemplary,
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /# \{.*,user="u1"\}/),
    upstream: 'not offered',
  },
  {
    level: 'SHOULD',
    section: RESOURCE,
    words: 'convert the resource to a `target` info metric',
    resource: { 'service.name': 'shop' },
    record: (meter) => meter.createGauge('level').record(1),
    check: ({ text }) => assert.match(text, /^target_info\{service_name="shop"\} 1$/m),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: RESOURCE,
    words: 'give the `target` metric the type info where there is one, a gauge named `target_info` elsewhere',
    resource: { 'service.name': 'shop' },
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /^# TYPE target info$/m),
    upstream: 'not offered',
  },
  {
    level: 'MUST NOT',
    section: RESOURCE,
    words: 'copy resource attributes to labels of metrics by default',
    resource: { 'service.name': 'shop' },
    record: (meter) => meter.createGauge('level').record(1),
    check: ({ lines }) => assert.doesNotMatch(lines('level').join('\n'), /service_name/),
    upstream: 'met',
  },
]
