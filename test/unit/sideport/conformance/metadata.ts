import assert from 'node:assert/strict'
import { ACCEPT } from '../../../support/collected-metrics.ts'
import type { Requirement } from './requirement.ts'

/** compatibility/prometheus_and_openmetrics: OTLP metric points to Prometheus, metric metadata, scope and attributes. */
const METADATA = 'Metric Metadata'
const SCOPE = 'Instrumentation Scope'
const ATTRIBUTES = 'Metric Attributes'

function typesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(`# TYPE ${name} `))
}

function atMostOnce(text: string, comment: string): void {
  const names = [...text.matchAll(new RegExp(`^# ${comment} (\\S+)`, 'gm'))].map(([, name]) => name)
  assert.equal(new Set(names).size, names.length, `${comment}: ${names.join(' ')}`)
}

export const METADATA_REQUIREMENTS: readonly Requirement[] = [
  {
    level: 'MUST NOT',
    section: METADATA,
    words: 'allow duplicate UNIT, HELP or TYPE comments for the same metric name in a scrape',
    record: (_, meterOf) => {
      for (const name of ['a', 'b']) meterOf(name).createCounter('jobs', { unit: 's', description: name }).add(1)
    },
    check: ({ text }) => ['UNIT', 'HELP', 'TYPE'].forEach((comment) => atMostOnce(text, comment)),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'drop entire metrics to prevent conflicting TYPE comments',
    record: (_, meterOf) => {
      meterOf('a').createGauge('level').record(1)
      meterOf('b').createHistogram('level').record(1)
    },
    check: ({ text }) => assert.equal(typesOf(text, 'level').length, 1),
    upstream: 'unmet',
  },
  {
    level: 'SHOULD NOT',
    section: METADATA,
    words: 'drop metric points as a result of conflicting UNIT or HELP comments',
    record: (_, meterOf) => {
      meterOf('a').createCounter('jobs', { description: 'one' }).add(1)
      meterOf('b').createCounter('jobs', { description: 'other' }).add(2)
    },
    check: ({ text }) => {
      assert.match(text, /jobs_total\{.*"a".*\} 1/)
      assert.match(text, /jobs_total\{.*"b".*\} 2/)
    },
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'add the name of the metric as the Prometheus metric name',
    record: (meter) => meter.createGauge('level').record(1),
    check: ({ text }) => assert.match(text, /^level(?:\{.*\})? 1$/m),
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: METADATA,
    words: 'replace discouraged characters in the metric name with `_`',
    record: (meter) => meter.createGauge('a.b-c/d').record(1),
    check: ({ text }) => assert.match(text, /^a_b_c_d(?:\{.*\})? 1$/m),
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: METADATA,
    words: 'replace multiple consecutive `_` in the metric name with one',
    record: (meter) => meter.createGauge('a.__.b').record(1),
    check: ({ text }) => assert.match(text, /^a_b(?:\{.*\})? 1$/m),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'convert a UCUM unit to its word',
    record: (meter) => meter.createGauge('size', { unit: 'By' }).record(1),
    check: ({ text }) => assert.match(text, /size_bytes|# UNIT \S+ bytes/),
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'drop portions of the unit within brackets',
    record: (meter) => meter.createGauge('queue', { unit: '{packet}' }).record(1),
    check: ({ text }) => assert.doesNotMatch(text, /packet/),
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'convert rates to words, such as `meters_per_second`',
    record: (meter) => meter.createGauge('speed', { unit: 'm/s' }).record(1),
    check: ({ text }) => assert.match(text, /meters_per_second/),
    upstream: 'unmet',
  },
  {
    level: 'SHOULD',
    section: METADATA,
    words: 'add the unit as UNIT metadata',
    record: (meter) => meter.createGauge('size', { unit: 'By' }).record(1),
    asked: { accept: ACCEPT.openMetrics },
    check: ({ text }) => assert.match(text, /^# UNIT size_bytes bytes$/m),
    upstream: 'not offered',
  },
  {
    level: 'SHOULD',
    section: METADATA,
    words: 'add the unit as a suffix before type-specific ones, unless the name ends with it',
    record: (meter) => {
      meter.createCounter('sent', { unit: 'By' }).add(1)
      meter.createGauge('held_bytes', { unit: 'By' }).record(1)
    },
    check: ({ text }) => {
      assert.match(text, /^sent_bytes_total/m)
      assert.match(text, /^held_bytes(?:\{.*\})? 1$/m)
    },
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'add the description as HELP metadata',
    record: (meter) => meter.createGauge('level', { description: 'How\n\\high.' }).record(1),
    check: ({ text }) => assert.match(text, /^# HELP level How\\n\\\\high\.$/m),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: METADATA,
    words: 'add the type of the data points as TYPE metadata',
    record: (meter) => {
      meter.createGauge('level').record(1)
      meter.createCounter('jobs').add(1)
      meter.createHistogram('wait').record(1)
    },
    check: ({ text }) => {
      assert.match(text, /^# TYPE level gauge$/m)
      assert.match(text, /^# TYPE jobs_total counter$/m)
      assert.match(text, /^# TYPE wait histogram$/m)
    },
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: SCOPE,
    words: 'by default add scope name, version and schema URL as labels of all points',
    record: (_, meterOf) => meterOf('shop', '1.2', 'https://schema').createGauge('level').record(1),
    check: ({ text }) => {
      for (const label of ['name="shop"', 'version="1.2"', 'schema_url="https://schema"']) {
        assert.ok(text.includes(`otel_scope_${label}`), label)
      }
    },
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: ATTRIBUTES,
    words: 'convert attributes to labels, values that are no strings to strings',
    record: (meter) => meter.createGauge('level').record(1, { text: 'x', n: 1.5, yes: true, list: ['a', 'b'] }),
    check: ({ text }) => {
      for (const label of ['text="x"', 'n="1.5"', 'yes="true"', String.raw`list="[\"a\",\"b\"]"`]) {
        assert.ok(text.includes(label), label)
      }
    },
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: ATTRIBUTES,
    words: 'replace discouraged characters in label names with `_`',
    record: (meter) => meter.createGauge('level').record(1, { 'a.b-c': 'x' }),
    check: ({ text }) => assert.match(text, /[{,]a_b_c="x"/),
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: ATTRIBUTES,
    words: 'replace multiple consecutive `_` in label names with one',
    record: (meter) => meter.createGauge('level').record(1, { 'a..b': 'x' }),
    check: ({ text }) => assert.match(text, /[{,]a_b="x"/),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: ATTRIBUTES,
    words: 'concatenate the values of keys that map to one label, in the order of the keys, separated by `;`',
    record: (meter) => meter.createGauge('level').record(1, { a_b: '2', 'a.b': '1' }),
    check: ({ text }) => assert.match(text, /[{,]a_b="1;2"/),
    upstream: 'unmet',
  },
]
