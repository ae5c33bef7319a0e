import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Attributes, type Context, context, type Meter, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import * as sdk from '@opentelemetry/sdk-metrics'
import * as fc from 'fast-check'
import { type Exemplar, exemplarsOf } from '../../../src/aggregation/exemplar.ts'
import { exemplarFilter } from '../../../src/sdk/exemplar-filter.ts'
import { StorageContextManager } from '../../../src/sdk/context-manager.ts'
import { replaceStorages } from '../../../src/sdk/metric-storage.ts'
import type { ExemplarFilterName } from '../../../src/settings/settings.ts'

const TRACE = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
const SPAN = 'bbbbbbbbbbbbbbbb'

before(() => context.setGlobalContextManager(new StorageContextManager().enable()))

class Reader extends sdk.MetricReader {
  onShutdown(): Promise<void> {
    return Promise.resolve()
  }
  onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

interface Setup {
  readonly filter?: ExemplarFilterName
  readonly views?: sdk.ViewOptions[]
  readonly temporalities?: readonly sdk.AggregationTemporality[]
  readonly isSdkAlone?: boolean
  readonly redact?: (attributes: Attributes) => Attributes
}

interface Point {
  readonly attributes: Attributes
  readonly value: unknown
  readonly exemplars: readonly Exemplar[]
}

function provided({
  filter = 'trace_based',
  views = [],
  temporalities = [1],
  isSdkAlone = false,
  redact,
}: Setup = {}): {
  readonly meter: Meter
  readonly collect: (reader?: number) => Promise<Readonly<Record<string, Point[]>>>
} {
  const readers = temporalities.map((temporality) => new Reader({ aggregationTemporalitySelector: () => temporality }))
  const provider = new sdk.MeterProvider({ readers, views })
  if (!isSdkAlone) replaceStorages(provider, exemplarFilter(filter), redact)
  return {
    meter: provider.getMeter('shop'),
    collect: async (reader = 0) => {
      const { resourceMetrics } = (await readers[reader]?.collect()) ?? assert.fail('no such reader')
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      return Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(pointOf)]))
    },
  }
}

function pointOf(point: sdk.DataPoint<unknown>): Point {
  const exemplars = (exemplarsOf(point) ?? []).filter((exemplar) => exemplar !== undefined)
  return { attributes: point.attributes, value: point.value, exemplars }
}

function within(traceFlags: number, traceId: string = TRACE, isRemote = false): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: SPAN, traceFlags, isRemote })
}

/** The first letter of each exemplar's trace beside its value; `-` without a trace. */
function exemplarsIn(points: readonly Point[] | undefined): string[] {
  return (points?.[0]?.exemplars ?? []).map(({ value, traceId = '-' }) => `${traceId[0]} ${value}`)
}

const FILTERS: readonly (readonly [filter: ExemplarFilterName, recordedIn: Context, expected: string[]])[] = [
  ['trace_based', within(1), ['a 7']],
  ['trace_based', within(1, TRACE, true), ['a 7']],
  ['trace_based', within(0), []],
  ['trace_based', ROOT_CONTEXT, []],
  ['always_on', within(1), ['a 7']],
  ['always_on', within(0), ['a 7']],
  ['always_on', within(0, '0'.repeat(32)), ['- 7']],
  ['always_on', ROOT_CONTEXT, ['- 7']],
  ['always_off', within(1), []],
]

for (const [filter, recordedIn, expected] of FILTERS) {
  const flags = trace.getSpanContext(recordedIn)?.traceFlags
  test(`${filter}: ${expected.join() || 'none'} with trace flags ${flags}`, async () => {
    const { meter, collect } = provided({ filter })
    const histogram = meter.createHistogram('h')
    context.with(recordedIn, () => histogram.record(7))
    const given = meter.createCounter('given')
    given.add(7, {}, recordedIn)
    const { h, given: counted } = await collect()
    assert.deepEqual(exemplarsIn(h), expected)
    assert.deepEqual(exemplarsIn(counted), expected, 'a context that is passed')
  })
}

test('the last exemplar of a counter and of each bucket is kept from collection to collection', async () => {
  const { meter, collect } = provided()
  const counter = meter.createCounter('c')
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } })
  const record = (traceId: string, ...values: number[]): void => {
    for (const value of values) {
      counter.add(value, { a: 1 }, within(1, traceId.repeat(32)))
      histogram.record(value, { a: 1 }, within(1, traceId.repeat(32)))
    }
  }
  record('a', 0.5, 1, 5, 50)
  const first = await collect()
  assert.deepEqual([exemplarsIn(first['c']), exemplarsIn(first['h'])], [['a 50'], ['a 1', 'a 5', 'a 50']])
  record('b', 2)
  const second = await collect()
  assert.deepEqual([exemplarsIn(second['c']), exemplarsIn(second['h'])], [['b 2'], ['a 1', 'b 2', 'a 50']])
  assert.deepEqual(exemplarsIn(first['h']), ['a 1', 'a 5', 'a 50'], 'what is still being written out does not change')
  histogram.record(3, { a: 1 }, ROOT_CONTEXT)
  histogram.record(Infinity, { a: 1 }, within(1))
  assert.deepEqual(exemplarsIn((await collect())['h']), ['a 1', 'b 2', 'a 50'])
})

test('each reader has its own exemplars, with delta temporality those of the interval', async () => {
  const { meter, collect } = provided({ temporalities: [1, 0] })
  const counter = meter.createCounter('c')
  counter.add(1, {}, within(1))
  assert.deepEqual([exemplarsIn((await collect(0))['c']), exemplarsIn((await collect(1))['c'])], [['a 1'], ['a 1']])
  counter.add(2, {}, ROOT_CONTEXT)
  assert.deepEqual([exemplarsIn((await collect(0))['c']), exemplarsIn((await collect(1))['c'])], [['a 1'], []])
})

test('other instruments have no exemplars', async () => {
  const { meter, collect } = provided()
  meter.createUpDownCounter('up-down').add(1, {}, within(1))
  meter.createGauge('gauge').record(1, {}, within(1))
  meter.createObservableCounter('observed').addCallback((result) => result.observe(1))
  const found = await context.with(within(1), () => collect())
  assert.deepEqual(Object.values(found).map(exemplarsIn), [[], [], []])
})

test('an exponential histogram keeps one exemplar per power of two, at most 20', async () => {
  const aggregation = { type: sdk.AggregationType.EXPONENTIAL_HISTOGRAM } as const
  const { meter, collect } = provided({ views: [{ instrumentName: 'h', aggregation }] })
  const histogram = meter.createHistogram('h')
  for (const value of [0, 1, 1.5, 2, 3, 0.001]) histogram.record(value, {}, within(1))
  assert.deepEqual(exemplarsIn((await collect())['h']).toSorted(), ['a 0.001', 'a 1.5', 'a 3'])
  for (let i = 0; i < 1000; i++) histogram.record(1.1 ** i, {}, within(1))
  assert.equal(exemplarsIn((await collect())['h']).length, 20)
})

test('attributes that a view removes are in the exemplar', async () => {
  const { meter, collect } = provided({
    views: [
      { instrumentName: 'c', attributesProcessors: [sdk.createAllowListAttributesProcessor(['kept'])] },
      { instrumentName: 'dropped', aggregation: { type: sdk.AggregationType.DROP } },
    ],
  })
  meter.createCounter('c').add(1, { kept: 1, user: 'u1' }, within(1))
  meter.createCounter('dropped').add(1, {}, within(1))
  const found = await collect()
  const [point] = found['c'] ?? []
  assert.deepEqual(point?.attributes, { kept: 1 })
  assert.deepEqual(point?.exemplars[0]?.filteredAttributes, { user: 'u1' })
  assert.equal(found['dropped'], undefined)
})

test('the limit of series applies for the life of the process, and further sets are one series', async () => {
  const { meter, collect } = provided()
  const counter = meter.createCounter('c')
  for (let scrape = 0; scrape < 3; scrape++) {
    for (let i = 0; i < 1500; i++) counter.add(1, { id: scrape * 1500 + i }, within(1))
    const points = (await collect())['c'] ?? []
    assert.equal(points.length, scrape === 0 ? 1500 : 2000)
    assert.equal(
      points.reduce((sum, { value }) => sum + Number(value), 0),
      (scrape + 1) * 1500,
    )
  }
  // What is known goes on.
  counter.add(1, { id: 0 })
  const points = (await collect())['c'] ?? []
  assert.equal(points.find(({ attributes }) => attributes['id'] === 0)?.value, 2)
  const beyond = points.find(({ attributes }) => attributes['otel.metric.overflow'] === true)
  assert.deepEqual([beyond?.value, beyond?.exemplars[0]?.filteredAttributes], [2501, { id: 4499 }])
})

test('with delta temporality the limit is one of each interval', async () => {
  const { meter, collect } = provided({ temporalities: [0] })
  const counter = meter.createCounter('c')
  for (let interval = 0; interval < 3; interval++) {
    for (let i = 0; i < 1500; i++) counter.add(1, { id: interval * 1500 + i })
    assert.equal((await collect())['c']?.length, 1500)
  }
})

test('a collection does not change when more is recorded', async () => {
  const { meter, collect } = provided()
  const instruments = [meter.createCounter('c'), meter.createUpDownCounter('u')]
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } })
  const record = (): void => {
    for (const instrument of instruments) instrument.add(1)
    histogram.record(0.5, {}, within(1))
  }
  record()
  const first = await collect()
  const before = structuredClone(first)
  record()
  assert.deepEqual(first, before)
  assert.deepEqual((await collect())['c']?.[0]?.value, 2)
})

const anyValue = fc.oneof(fc.constantFrom<Attributes['']>('x', '1', 1, true, undefined), fc.constant(['x', 'y']))
const action = fc.record({
  instrument: fc.nat({ max: 4 }),
  value: fc.oneof(fc.integer({ min: -3, max: 20 }), fc.constantFrom(NaN, 0.5)),
  attributes: fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyValue, { noNullPrototype: true }),
  collects: fc.constantFrom(undefined, undefined, 0, 1),
})

test('a collection equals that of the SDK alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const views = [
        { instrumentName: 'viewed', attributesProcessors: [sdk.createDenyListAttributesProcessor(['b'])] },
        { instrumentName: 'exponential', aggregation: { type: sdk.AggregationType.EXPONENTIAL_HISTOGRAM } as const },
      ]
      const setup: Setup = { filter: 'always_on', views, temporalities: [1, 0] }
      const [ours, theirs] = [{}, { isSdkAlone: true }].map((more) => {
        const { meter, collect } = provided({ ...setup, ...more })
        const counter = meter.createCounter('counter')
        const viewed = meter.createCounter('viewed')
        const upDown = meter.createUpDownCounter('up-down')
        const histogram = meter.createHistogram('histogram')
        const exponential = meter.createHistogram('exponential')
        const record = [counter, viewed, upDown, histogram, exponential].map((instrument) =>
          'add' in instrument ? instrument.add.bind(instrument) : instrument.record.bind(instrument),
        )
        return { record, collect }
      })
      const content = async (side: typeof ours, reader: number): Promise<unknown> =>
        Object.entries((await side?.collect(reader)) ?? {}).map(([name, points]) => [
          name,
          points.map(({ attributes, value }) => ({ attributes, value })),
        ])
      for (const { instrument, value, attributes, collects } of [...actions, ...END]) {
        for (const side of [ours, theirs]) side?.record[instrument]?.(value, { ...attributes })
        if (collects !== undefined) assert.deepEqual(await content(ours, collects), await content(theirs, collects))
      }
    }),
  )
})

const END = [0, 1].map((collects) => ({ instrument: 0, value: 1, attributes: {}, collects }))

test('attributes are redacted in series, and in exemplars if a view removed them', async () => {
  const seen: Attributes[] = []
  const redact = (attributes: Attributes): Attributes => {
    seen.push(attributes)
    return Object.fromEntries(Object.keys(attributes).map((name) => [name, 'x']))
  }
  const views = [{ instrumentName: 'viewed', attributesProcessors: [sdk.createAllowListAttributesProcessor(['a'])] }]
  const { meter, collect } = provided({ redact, views })
  const counter = meter.createCounter('calls')
  for (const a of ['1', '1', '2', '1']) counter.add(1, { a })
  assert.equal(seen.length, 2)
  meter.createCounter('viewed').add(1, { a: '1', b: 'secret' }, within(1))
  meter.createObservableCounter('seen').addCallback((result) => {
    for (const a of ['1', '2']) result.observe(2, { a })
  })
  meter.createObservableGauge('last').addCallback((result) => {
    for (const a of ['1', '2']) result.observe(Number(a), { a })
  })
  for (let count = 0; count < 2; count++) {
    const { calls, viewed, seen: observed, last } = await collect()
    const values = [calls, observed, last].map((points) => points?.map(({ attributes, value }) => [attributes, value]))
    assert.deepEqual(values, [[[{ a: 'x' }, 4]], [[{ a: 'x' }, 4]], [[{ a: 'x' }, 2]]])
    assert.deepEqual(viewed?.[0]?.exemplars[0]?.filteredAttributes, { b: 'x' })
  }
})

test('a view without a limit has that of the readers', async () => {
  const reader = new Reader({ cardinalitySelector: () => 3 })
  const provider = new sdk.MeterProvider({ readers: [reader], views: [{ instrumentName: '*' }] })
  replaceStorages(provider, undefined)
  const meter = provider.getMeter('shop')
  const calls = meter.createCounter('calls')
  for (let n = 0; n < 9; n++) calls.add(1, { n })
  meter.createObservableCounter('seen').addCallback((result) => {
    for (let n = 0; n < 9; n++) result.observe(1, { n })
  })
  const { resourceMetrics } = await reader.collect()
  for (const { dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics))
    assert.deepEqual(dataPoints.map(({ attributes }) => attributes).at(-1), { 'otel.metric.overflow': true })
})
