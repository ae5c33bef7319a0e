import assert from 'node:assert/strict'
import { ACCEPT } from '../../../support/collected-metrics.ts'
import type { Elsewhere, Requirement } from './requirement.ts'

/** metrics/sdk_exporters/prometheus. */
const FORMAT = 'Version and Format'
const NEGOTIATION = 'Content Negotiation'
const STRATEGY = 'Interaction with Translation Strategy'

const PLAIN: Pick<Requirement, 'record'> = { record: (meter) => meter.createCounter('foo.bar', { unit: 'By' }).add(1) }

export const EXPORTER_REQUIREMENTS: readonly Requirement[] = [
  {
    level: 'MUST',
    section: FORMAT,
    words: 'support version 0.0.4 of the text format',
    ...PLAIN,
    asked: { accept: ACCEPT.text },
    check: ({ contentType, text }) => {
      assert.match(contentType, /^text\/plain; ?version=0\.0\.4/)
      assert.match(text, /^# TYPE foo_bar\S*_total counter$/m)
    },
    upstream: 'not offered',
  },
  {
    level: 'SHOULD NOT',
    section: FORMAT,
    words: 'add explicit timestamps to points',
    ...PLAIN,
    check: ({ text }) => assert.match(text, /^foo_bar\S*_total(?:\{.*\})? 1$/m),
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: 'Target',
    words: 'expose at most one `target` info metric',
    resource: { 'service.name': 'shop' },
    record: (_, meterOf) => {
      for (const name of ['a', 'b']) meterOf(name).createGauge('target.info').record(1)
    },
    check: ({ lines }) => assert.equal(lines('target_info').filter((line) => !line.startsWith('#')).length, 1),
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: NEGOTIATION,
    words: 'let clients ask for formats by `Accept`',
    ...PLAIN,
    asked: { accept: `${ACCEPT.openMetrics};q=0.5,${ACCEPT.protobuf};q=0.9,text/plain;q=0.1` },
    check: ({ contentType }) => assert.match(contentType, /^application\/vnd\.google\.protobuf/),
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: NEGOTIATION,
    words: 'use text 0.0.4 with underscores where there is no `Accept`',
    record: (meter) => meter.createGauge('foo.bar').record(1),
    asked: { translationStrategy: 'NoTranslation' },
    check: ({ contentType, text }) => {
      assert.match(contentType, /^text\/plain; ?version=0\.0\.4/)
      assert.match(text, /^foo_bar(?:\{.*\})? 1$/m)
    },
    upstream: 'unmet',
  },
  ...(
    [
      ['UnderscoreEscapingWithSuffixes', 'foo_bar_bytes_total', 'foo_bar_bytes_total'],
      ['UnderscoreEscapingWithoutSuffixes', 'foo_bar', 'foo_bar'],
      ['NoUTF8EscapingWithSuffixes', 'foo_bar_bytes_total', 'foo.bar_bytes_total'],
      ['NoTranslation', 'foo_bar', 'foo.bar'],
    ] as const
  ).flatMap(([translationStrategy, escaped, utf8]): Requirement[] =>
    [
      ['underscores', escaped],
      ['allow-utf-8', utf8],
    ].map(([escaping = '', name = '']) => ({
      level: 'MUST',
      section: STRATEGY,
      words: `name \`foo.bar\` in By \`${name}\` with ${translationStrategy} and escaping=${escaping}`,
      ...PLAIN,
      asked: { accept: `text/plain;version=1.0.0;escaping=${escaping}`, translationStrategy },
      check: ({ contentType, lines }) => {
        assert.ok(contentType.endsWith(`escaping=${escaping}`), contentType)
        assert.equal(lines(name).filter((line) => !line.startsWith('#')).length, 1)
      },
      upstream: 'not offered',
    })),
  ),
]

export const ELSEWHERE: readonly Elsewhere[] = [
  {
    level: 'SHOULD',
    section: 'Metric Metadata',
    words: 'warn through error logging when a comment or points are dropped',
    shownBy: 'text.test.ts: a loss is a warning, a description that differs a debug line (the SDK warns of it)',
    ours: 'met',
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: 'Instrumentation Scope',
    words: 'add scope attributes as labels',
    shownBy: 'the SDK for JavaScript has none',
    ours: 'does not apply',
    upstream: 'does not apply',
  },
  {
    level: 'MUST',
    section: 'Gauges',
    words: 'follow the hint `prometheus.type` in the metadata',
    shownBy: 'the SDK for JavaScript has no metadata',
    ours: 'does not apply',
    upstream: 'does not apply',
  },
  {
    level: 'MUST',
    section: 'Exponential Histograms',
    words: 'downscale above schema 8, drop below −4 and points without a sum',
    shownBy: 'exponential.test.ts, protobuf.test.ts',
    ours: 'met',
    upstream: 'not offered',
  },
  {
    level: 'MUST',
    section: 'Histograms as Prometheus NHCB; points without a recorded value; Summaries',
    words: 'convert them',
    shownBy: 'NHCB is of Remote Write alone, and the SDK gives neither of the others',
    ours: 'does not apply',
    upstream: 'does not apply',
  },
  {
    level: 'MUST',
    section: 'Resource Attributes',
    words: 'make `job` and `instance` of the resource',
    shownBy: "of the Collector's exporters alone",
    ours: 'does not apply',
    upstream: 'does not apply',
  },
  {
    level: 'MUST',
    section: 'Pull Metric Exporter',
    words: 'be a pull exporter that answers HTTP requests',
    shownBy: 'server.test.ts; test/e2e/sideport.test.ts',
    ours: 'met',
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: 'Client Libraries',
    words: 'use an official Prometheus client library, and no unofficial one',
    shownBy: 'there is no official one for JavaScript',
    ours: 'met',
    upstream: 'met',
  },
  {
    level: 'MUST NOT',
    section: FORMAT,
    words: 'use Remote Write or OpenMetrics protobuf',
    shownBy: 'negotiate.test.ts: the protobuf is `io.prometheus.client.MetricFamily`',
    ours: 'met',
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: 'Temporality',
    words: 'set cumulative temporality for all instruments',
    shownBy: 'reader.test.ts',
    ours: 'met',
    upstream: 'met',
  },
  {
    level: 'MUST',
    section: 'Host; Port',
    words: 'support both, `localhost` and 9464 by default',
    shownBy: 'test/unit/settings/effect.test.ts; test/e2e/sideport.test.ts',
    ours: 'met',
    upstream: 'met',
  },
  {
    level: 'SHOULD',
    section: 'Default Aggregation',
    words: 'support an option for the default aggregation',
    shownBy: 'test/e2e/exemplars.test.ts',
    ours: 'met',
    upstream: 'unmet',
  },
  {
    level: 'MUST',
    section: 'Translation Strategy; Scope Info; Target Info',
    words: 'name the options so where there are any, with the four values, and have the defaults given',
    shownBy: 'test/unit/settings/effect.test.ts; names.test.ts',
    ours: 'met',
    upstream: 'met',
  },
]
