import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ValueType } from '@opentelemetry/api'
import type { Attributes, Meter } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { Exemplar } from '../../../../src/aggregation/exemplar.ts'
import { ACCEPT, collected, linesOf, textOf, withExemplars } from '../../../support/collected-metrics.ts'
import { openMetricsParser, promtool } from '../judges.ts'

const judgeText = promtool()
const judgeOpenMetrics = openMetricsParser()

function withoutCreated(lines: string[]): string[] {
  return lines.filter((line) => !line.includes('_created'))
}

test('text 0.0.4: comments, counter, gauge, histogram', async () => {
  const result = await collected((_, meterOf) => {
    const meter = meterOf('shop', '1.2', 'https://schema')
    meter.createCounter('orders', { description: 'Orders "taken"\\\nso far' }).add(2, { 'pay.by': 'ca"r\\d\n' })
    meter.createGauge('load', { unit: '1' }).record(0.5)
    const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } })
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.record(value)
  })
  const scope = 'otel_scope_name="shop",otel_scope_version="1.2",otel_scope_schema_url="https://schema"'
  const text = textOf(result)
  assert.equal(
    text,
    `# HELP orders_total Orders "taken"\\\\\\nso far
# TYPE orders_total counter
orders_total{pay_by="ca\\"r\\\\d\\n",${scope}} 2
# TYPE load_ratio gauge
# UNIT load_ratio ratio
load_ratio{${scope}} 0.5
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
wait_seconds_bucket{${scope},le="0.1"} 2
wait_seconds_bucket{${scope},le="1"} 3
wait_seconds_bucket{${scope},le="+Inf"} 4
wait_seconds_sum{${scope}} 7.65
wait_seconds_count{${scope}} 4
`,
  )
  assert.equal(judgeText?.(text), undefined)
})

test('OpenMetrics: family names, canonical bounds, _created, # EOF', async () => {
  const result = await collected(
    (meter) => {
      meter.createCounter('orders', { description: 'say "hi"', unit: 'By' }).add(2)
      const boundaries = [0.00001, 0.1, 1, 2000000]
      meter.createHistogram('wait', { advice: { explicitBucketBoundaries: boundaries } }).record(1)
    },
    { 'service.name': 'shop', 'process.command_args': 'secret', 'process.command_line': 'secret' },
  )
  const text = textOf(result, ACCEPT.openMetrics)
  const created = /_created (\d+\.\d{3})$/m.exec(text)?.[1] ?? ''
  assert.ok(Math.abs(Date.now() / 1000 - Number(created)) < 60)
  assert.equal(
    text.replaceAll(/_created \d+\.\d{3}$/gm, '_created T'),
    `# HELP target Target metadata
# TYPE target info
target_info{service_name="shop"} 1
# HELP orders_bytes say \\"hi\\"
# TYPE orders_bytes counter
# UNIT orders_bytes bytes
orders_bytes_total 2
orders_bytes_created T
# TYPE wait histogram
wait_bucket{le="1e-05"} 0
wait_bucket{le="0.1"} 0
wait_bucket{le="1.0"} 1
wait_bucket{le="2e+06"} 1
wait_bucket{le="+Inf"} 1
wait_sum 1
wait_count 1
wait_created T
# EOF
`,
  )
  assert.equal(judgeOpenMetrics?.(text), undefined)
})

test('target_info: every resource attribute but the arguments, none when empty or switched off', async () => {
  const resource = { 'service.name': 'shop', 'process.command_args': 'secret', le: 'x' }
  const text = textOf(await collected(() => {}, resource))
  assert.equal(
    text,
    '# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info{service_name="shop",exported_le="x"} 1\n',
  )
  assert.equal(textOf(await collected(() => {}, resource), undefined, { targetInfo: false }), '')
  assert.equal(textOf(await collected(() => {})), '')
  assert.equal(textOf(await collected(() => {}), ACCEPT.openMetrics), '# EOF\n')
})

const LABELS: [attributes: Attributes, labels: string][] = [
  [{ 'a.b': 1, a_b: 'x' }, 'a_b="1;x"'],
  [{ a_b: 'x', 'a.b': 1 }, 'a_b="1;x"'],
  [{ 'z-1': 'c', 'z/1': 'b', z_1: 'a' }, 'z_1="c;b;a"'],
  [{ '1x': true }, '_1x="true"'],
  [{ le: 'mine', quantile: '0.5' }, 'exported_le="mine",exported_quantile="0.5"'],
  [{ le: 'mine', exported_le: 'too' }, 'exported_le="too;mine"'],
  [{ __name__: 'renamed' }, '_name_="renamed"'],
  [{ ключ: 'значение' }, '_="значение"'],
  [{ list: ['a', 'b"'], flag: false, number: 1.5 }, 'list="[\\"a\\",\\"b\\\\\\"\\"]",flag="false",number="1.5"'],
  [{ empty: '', nothing: undefined }, ''],
  [{ nan: NaN, inf: -Infinity }, 'nan="NaN",inf="-Infinity"'],
  [{ half: '\uD800', nul: 'a\0b' }, 'half="\uFFFD",nul="a\uFFFDb"'],
  [{ 'otel.metric.overflow': true }, 'otel_metric_overflow="true"'],
]

for (const [attributes, labels] of LABELS) {
  test(`attributes ${JSON.stringify(attributes)}`, async () => {
    const text = textOf(await collected((meter) => meter.createGauge('g').record(1, attributes)))
    assert.deepEqual(linesOf(text, 'g')[1], labels === '' ? 'g 1' : `g{${labels}} 1`)
    assert.equal(judgeText?.(text), undefined)
  })
}

test("a user's otel_scope_name is joined with the scope's", async () => {
  const result = await collected((_, meterOf) => {
    meterOf('real').createGauge('g').record(1, { 'otel.scope.name': 'forged' })
  })
  assert.deepEqual(linesOf(textOf(result), 'g')[1], 'g{otel_scope_name="forged;real"} 1')
})

test('scope labels can be omitted; series that become equal are added up', async () => {
  const result = await collected((_, meterOf) => {
    for (const scope of ['a', 'b']) {
      const meter = meterOf(scope, '1')
      meter.createCounter('c').add(2, { x: 1, y: 2 })
      meter.createGauge('g').record(scope === 'a' ? 1 : 7)
      meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } }).record(scope === 'a' ? 0.5 : 3)
    }
    meterOf('b', '1').createCounter('c').add(3, { y: '2', x: '1' })
  })
  assert.equal(
    textOf(result, undefined, { scopeLabels: false }),
    `# TYPE c_total counter
c_total{x="1",y="2"} 7
# TYPE g gauge
g 7
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3.5
h_count 2
`,
  )
})

test('a family is printed once with the points of all scopes', async () => {
  const result = await collected((_, meterOf) => {
    for (const scope of ['a', 'b'])
      meterOf(scope)
        .createCounter('c', { description: `by ${scope}` })
        .add(1)
  })
  const problems: string[] = []
  assert.equal(
    textOf(result, undefined, { onAmbiguity: (message) => problems.push(message) }),
    `# HELP c_total by a
# TYPE c_total counter
c_total{otel_scope_name="a"} 1
c_total{otel_scope_name="b"} 1
`,
  )
  assert.deepEqual(problems, ['metric c_total has several descriptions: the first is shown'])
})

interface Clash {
  readonly title: string
  readonly record: (meter: Meter, other: Meter) => void
  /** First lines of what is shown in either format. */
  readonly text: readonly string[]
  readonly openMetrics: readonly string[]
  readonly problem?: RegExp
}

const CLASHES: Clash[] = [
  {
    title: 'one name, two types: the first stays',
    record: (meter, other) => {
      meter.createGauge('x').record(1)
      other.createHistogram('x').record(1)
    },
    text: ['# TYPE x gauge', 'x 1'],
    openMetrics: ['# TYPE x gauge', 'x 1'],
    problem: /^metric x is both gauge and histogram: the histogram is dropped$/,
  },
  {
    title: "a gauge with the name of a histogram's count",
    record: (meter) => {
      meter.createHistogram('x', { advice: { explicitBucketBoundaries: [] } }).record(1)
      meter.createGauge('x.count').record(1)
    },
    text: ['# TYPE x histogram', 'x_bucket{le="+Inf"} 1', 'x_sum 1', 'x_count 1'],
    openMetrics: ['# TYPE x histogram', 'x_bucket{le="+Inf"} 1', 'x_sum 1', 'x_count 1'],
    problem: /^metric x_count clashes with x: it is dropped$/,
  },
  {
    title: 'a gauge x beside a counter x: of type unknown where OpenMetrics would have two families x',
    record: (meter) => {
      meter.createCounter('x.total').add(2)
      meter.createGauge('x').record(1)
    },
    text: ['# TYPE x_total counter', 'x_total 2', '# TYPE x gauge', 'x 1'],
    openMetrics: ['# TYPE x_total unknown', 'x_total 2', '# TYPE x gauge', 'x 1'],
  },
  {
    title: "a user's target_info",
    record: (meter) => meter.createGauge('target.info').record(1),
    text: [],
    openMetrics: [],
    problem: /^metric target_info clashes with target_info: it is dropped$/,
  },
]

for (const { title, record, text, openMetrics, problem } of CLASHES) {
  test(title, async () => {
    const result = await collected((_, meterOf) => record(meterOf(''), meterOf('', 'other')))
    for (const [accept, expected, judge] of [
      [ACCEPT.text, text, judgeText],
      [ACCEPT.openMetrics, [...openMetrics, '# EOF'], judgeOpenMetrics],
    ] as const) {
      const problems: string[] = []
      const onLoss = (message: string): void => void problems.push(message)
      const shown = textOf(result, accept, { scopeLabels: false, onLoss })
      assert.deepEqual(withoutCreated(shown.split('\n').slice(0, -1)), expected)
      assert.equal(judge?.(shown), undefined)
      if (problem === undefined) assert.deepEqual(problems, [])
      else assert.match(problems[0] ?? '', problem)
    }
  })
}

test('a problem is reported once, not at each scrape', async () => {
  const { createExposition } = await import('../../../../src/sideport/exposition/exposition.ts')
  const { negotiateFormat } = await import('../../../../src/sideport/exposition/negotiate.ts')
  const result = await collected((meter) => meter.createGauge('target.info').record(1))
  const problems: string[] = []
  const exposition = createExposition({ onLoss: (message) => problems.push(message) })
  for (let i = 0; i < 3; i++) Array.from(exposition.pieces(result, negotiateFormat(undefined)))
  assert.equal(problems.length, 1)
})

test('values that are not numbers, or not counts', async () => {
  const result = await collected((meter) => {
    const gauge = meter.createGauge('g')
    gauge.record(NaN, { v: 'nan' })
    gauge.record(Infinity, { v: '+inf' })
    gauge.record(-Infinity, { v: '-inf' })
    gauge.record(1e21, { v: 'large' })
    meter.createObservableCounter('c').addCallback((observed) => {
      observed.observe(NaN, { v: 'nan' })
      observed.observe(4, { v: 'good' })
    })
  })
  const text = textOf(result)
  assert.deepEqual(linesOf(text, 'g{'), [
    'g{v="nan"} NaN',
    'g{v="+inf"} +Inf',
    'g{v="-inf"} -Inf',
    'g{v="large"} 1e+21',
  ])
  assert.deepEqual(linesOf(text, 'c_total{'), ['c_total{v="nan"} NaN', 'c_total{v="good"} 4'])
  assert.equal(judgeText?.(text), undefined)
  // OpenMetrics does not allow that in a counter.
  const openMetrics = textOf(result, ACCEPT.openMetrics)
  assert.deepEqual(linesOf(openMetrics, 'c_total{'), ['c_total{v="good"} 4'])
  assert.equal(judgeOpenMetrics?.(openMetrics), undefined)
})

test('OpenMetrics has no sum where negative values are measured', async () => {
  const point = { startTime: [1, 0] as [number, number], endTime: [2, 0] as [number, number], attributes: {} }
  const result = await collected(() => {})
  const descriptor = { name: 'h', unit: '', description: '', valueType: ValueType.DOUBLE }
  result.resourceMetrics.scopeMetrics.push({
    scope: { name: '' },
    metrics: [
      {
        descriptor,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: [{ ...point, value: { buckets: { boundaries: [-1, 1], counts: [1, 1, 0] }, count: 2, sum: 3 } }],
      },
      {
        descriptor: { ...descriptor, name: 'delta' },
        aggregationTemporality: AggregationTemporality.DELTA,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: [{ ...point, value: 1 }],
      },
    ],
  })
  const text = textOf(result, ACCEPT.openMetrics)
  assert.deepEqual(withoutCreated(text.split('\n')), [
    '# TYPE h histogram',
    'h_bucket{le="-1.0"} 1',
    'h_bucket{le="1.0"} 2',
    'h_bucket{le="+Inf"} 2',
    '# EOF',
    '',
  ])
  assert.equal(judgeOpenMetrics?.(text), undefined)
  assert.match(textOf(result), /h_sum 3\nh_count 2/)
})

test('UTF-8 names are quoted where the scraper allows them', async () => {
  const result = await collected((meter) => {
    meter.createCounter('foo.bar').add(1, { 'http.route': '/', plain: 'x' })
    meter.createGauge('foo.none').record(1)
    meter.createHistogram('foo.h', { advice: { explicitBucketBoundaries: [] } }).record(1, { 'a"b': 'c' })
  })
  const text = textOf(result, ACCEPT.utf8, { translationStrategy: 'NoTranslation' })
  assert.deepEqual(withoutCreated(text.split('\n')), [
    '# TYPE "foo.bar" unknown',
    '{"foo.bar","http.route"="/",plain="x"} 1',
    '# TYPE "foo.none" gauge',
    '{"foo.none"} 1',
    '# TYPE "foo.h" histogram',
    '{"foo.h_bucket","a\\"b"="c",le="+Inf"} 1',
    '{"foo.h_sum","a\\"b"="c"} 1',
    '{"foo.h_count","a\\"b"="c"} 1',
    '# EOF',
    '',
  ])
})

test('exemplars: the latest of each bucket and of a counter, in OpenMetrics only', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const spanId = 'b7ad6b7169203331'
  const exemplarsFor = (name: string, attributes: Attributes): Exemplar[] | undefined => {
    if (name === 'g') return [{ value: 1, timestampMs: 1, traceId, spanId }]
    if (attributes['with'] !== 'exemplar') return undefined
    return [
      { value: 0.5, timestampMs: 1_700_000_000_000, traceId, spanId },
      { value: 0.7, timestampMs: 1_700_000_001_500, traceId, spanId, filteredAttributes: { 'user.id': 'u1' } },
      { value: 5, timestampMs: 1_700_000_000_001, filteredAttributes: { long: 'x'.repeat(200), trace_id: 'forged' } },
      { value: NaN, timestampMs: 1_700_000_009_000 },
    ]
  }
  const result = await collected((meter) => {
    meter.createGauge('g').record(1)
    meter.createCounter('c').add(3, { with: 'exemplar' })
    const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [0.1, 1] } })
    histogram.record(0.5, { with: 'exemplar' })
    histogram.record(5, { with: 'exemplar' })
    histogram.record(0.5, { with: 'none' })
  })
  withExemplars(result, exemplarsFor)
  const text = textOf(result, ACCEPT.openMetrics)
  const labels = `trace_id="${traceId}",span_id="${spanId}",user_id="u1"`
  assert.deepEqual(withoutCreated(text.split('\n').filter((line) => line.includes('with="exemplar"'))), [
    `c_total{with="exemplar"} 3 # {${labels}} 0.7 1700000001.500`,
    'h_bucket{with="exemplar",le="0.1"} 0',
    `h_bucket{with="exemplar",le="1.0"} 1 # {${labels}} 0.7 1700000001.500`,
    'h_bucket{with="exemplar",le="+Inf"} 2 # {} 5 1700000000.001',
    'h_sum{with="exemplar"} 5.5',
    'h_count{with="exemplar"} 2',
  ])
  assert.equal(text.match(/ # \{/g)?.length, 3)
  assert.equal(judgeOpenMetrics?.(text), undefined)
  assert.doesNotMatch(textOf(result, ACCEPT.text), /trace_id/)
})

test('labels are rendered once per attribute set, and follow the escaping that each scraper asks for', async () => {
  const { createExposition } = await import('../../../../src/sideport/exposition/exposition.ts')
  const { negotiateFormat } = await import('../../../../src/sideport/exposition/negotiate.ts')
  const result = await collected((meter) => meter.createGauge('g').record(1, { 'a.b': 'x' }))
  const exposition = createExposition({ translationStrategy: 'NoTranslation' })
  const shown = (accept: string): string => Array.from(exposition.pieces(result, negotiateFormat(accept))).join('')
  for (let i = 0; i < 2; i++) {
    assert.match(shown(ACCEPT.utf8), /"a\.b"="x"/)
    assert.match(shown('text/plain;escaping=values'), /U__a_2E_b="x"/)
    assert.match(shown('text/plain'), /\{a_b="x"\}/)
  }
})
