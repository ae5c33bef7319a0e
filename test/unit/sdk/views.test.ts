import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CollectionResult, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import * as fc from 'fast-check'
import { replaceStorages } from '../../../src/sdk/metric-storage.ts'
import { selectNames, viewOptions } from '../../../src/sdk/views.ts'
import { createExposition } from '../../../src/sideport/exposition/exposition.ts'
import { negotiateFormat } from '../../../src/sideport/exposition/negotiate.ts'
import { settingsOf } from '../../support/settings-of.ts'

class Reader extends MetricReader {
  onShutdown(): Promise<void> {
    return Promise.resolve()
  }
  onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

/** Settings of a file with these views, and what one of each instrument comes to under them. */
async function collectedUnder(views: unknown): Promise<{ result: CollectionResult; problems: readonly string[] }> {
  const readers = [{ periodic: { exporter: { console: null } } }]
  const text = JSON.stringify({ file_format: '1.0', meter_provider: { readers, views } })
  const { metrics, problems } = settingsOf({ OTEL_CONFIG_FILE: 'otel.yaml' }, { '/app/otel.yaml': text })
  const reader = new Reader()
  const provider = new MeterProvider({ readers: [reader], views: viewOptions(metrics.views) })
  selectNames(provider, metrics.views)
  replaceStorages(provider, undefined)
  const meter = provider.getMeter('shop', '1')
  const attributes = { a: 1, 'b.c': 'x' }
  meter.createCounter('shop.counter').add(1, attributes)
  meter.createUpDownCounter('shop.updown').add(-1, attributes)
  meter.createHistogram('shop.histogram', { unit: 's' }).record(0.3, attributes)
  meter.createGauge('shop.gauge').record(2, attributes)
  meter.createObservableCounter('shop.observed').addCallback((observer) => observer.observe(3, attributes))
  meter.createObservableGauge('shop.level').addCallback((observer) => observer.observe(4, attributes))
  return { result: await reader.collect(), problems: problems.map(({ message }) => message) }
}

function namesOf({ resourceMetrics }: CollectionResult): string[] {
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name))
    .toSorted()
}

const ALL = ['shop.counter', 'shop.gauge', 'shop.histogram', 'shop.level', 'shop.observed', 'shop.updown']
const DROP = { aggregation: { drop: {} } }

const selected: readonly (readonly [selector: object, left: readonly string[]])[] = [
  [{}, []],
  [{ instrument_name: '*' }, []],
  [{ instrument_name: 'SHOP.*e*' }, ALL.filter((name) => !name.slice(5).includes('e'))],
  [{ instrument_name: 'shop.????e' }, ALL.filter((name) => name !== 'shop.gauge')],
  [{ instrument_name: 'shop' }, ALL],
  [{ instrument_name: 'shop+*' }, ALL],
  [{ instrument_type: 'observable_gauge' }, ALL.filter((name) => name !== 'shop.level')],
  [{ unit: 's' }, ALL.filter((name) => name !== 'shop.histogram')],
  [{ meter_name: 'other' }, ALL],
  [{ meter_name: 'shop', meter_version: '1' }, []],
]

for (const [selector, left] of selected) {
  test(`what ${JSON.stringify(selector)} selects`, async () => {
    const { result, problems } = await collectedUnder([{ selector, stream: DROP }])
    assert.deepEqual([namesOf(result), problems], [left, []])
  })
}

const attributePattern = fc.constantFrom('a', '*', '?', 'b.*', '[', '', 'b.c')
const aggregation = fc.oneof(
  fc.constantFrom(
    { default: {} },
    { drop: {} },
    { sum: {} },
    { last_value: {} },
    { base2_exponential_bucket_histogram: {} },
  ),
  fc.record({
    explicit_bucket_histogram: fc.record(
      { boundaries: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })) },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    base2_exponential_bucket_histogram: fc.record({
      max_size: fc.integer({ min: 2, max: 200 }),
      record_min_max: fc.boolean(),
    }),
  }),
)
const view = fc.record({
  selector: fc.record(
    {
      instrument_name: fc.constantFrom('shop.counter', 'shop.histogram', '*', 'shop.*', '?hop.gauge', 'shop.(', ''),
      instrument_type: fc.constantFrom('counter', 'histogram', 'observable_counter', 'up_down_counter'),
      unit: fc.constantFrom('s', ''),
    },
    { requiredKeys: [] },
  ),
  stream: fc.record(
    {
      name: fc.constantFrom('renamed', 'shop.gauge', '', 'ä b'),
      description: fc.string(),
      aggregation,
      aggregation_cardinality_limit: fc.integer({ min: 1, max: 5 }),
      attribute_keys: fc.record(
        {
          included: fc.array(attributePattern, { minLength: 1 }),
          excluded: fc.array(attributePattern, { minLength: 1 }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  ),
})

test('any views give metrics that can be served', async () => {
  const exposition = createExposition({
    translationStrategy: 'UnderscoreEscapingWithSuffixes',
    scopeLabels: true,
    onLoss() {},
    onAmbiguity() {},
  })
  await fc.assert(
    fc.asyncProperty(fc.array(view, { minLength: 1, maxLength: 4 }), async (views) => {
      const { result } = await collectedUnder(views)
      assert.deepEqual(result.errors, [])
      for (const accept of ['text/plain', 'application/openmetrics-text;version=1.0.0']) {
        const text = [...exposition.pieces(result, negotiateFormat(accept))].join('')
        assert.doesNotMatch(text, /undefined|\[object/)
      }
    }),
    { numRuns: 60 },
  )
})

test('an attribute that is kept may have the name of a property that every object inherits', () => {
  const views = [{ selector: {}, stream: { attribute_keys: { excluded: ['other'] } } }]
  const readers = [{ periodic: { exporter: { console: null } } }]
  const text = JSON.stringify({ file_format: '1.0', meter_provider: { readers, views } })
  const { metrics } = settingsOf({ OTEL_CONFIG_FILE: 'otel.yaml' }, { '/app/otel.yaml': text })
  const [processor] = viewOptions(metrics.views)[0]?.attributesProcessors ?? []
  const kept = JSON.parse('{"__proto__": "a", "constructor": "b"}')
  assert.deepEqual(processor?.process({ ...kept, other: 'c' }), kept)
})
