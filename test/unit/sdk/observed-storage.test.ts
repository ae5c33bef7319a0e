import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes, ObservableResult } from '@opentelemetry/api'
import * as sdk from '@opentelemetry/sdk-metrics'
import { collectNow } from '../../../src/sdk/collect-now.ts'
import { replaceStorages } from '../../../src/sdk/metric-storage.ts'

class Reader extends sdk.MetricReader {
  onShutdown(): Promise<void> {
    return Promise.resolve()
  }
  onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

type Shown = Readonly<Record<string, unknown>>

function shown({ scopeMetrics }: sdk.ResourceMetrics): Shown {
  const points = scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ dataPoints }) => dataPoints as readonly sdk.DataPoint<unknown>[]),
  )
  return Object.fromEntries(points.map(({ attributes, value }) => [attributes['of'] ?? 'beyond', value]))
}

function observed(temporality = sdk.AggregationTemporality.CUMULATIVE): {
  readonly meter: ReturnType<sdk.MeterProvider['getMeter']>
  /** Values of the metric `m` by the attribute `of`. */
  readonly collect: () => Promise<Shown>
  readonly collectNow: () => Shown
} {
  const reader = new Reader({ aggregationTemporalitySelector: () => temporality })
  const provider = new sdk.MeterProvider({ readers: [reader] })
  replaceStorages(provider, undefined)
  return {
    meter: provider.getMeter('shop'),
    collect: async () => shown((await reader.collect()).resourceMetrics),
    collectNow: () => shown(collectNow(reader)),
  }
}

function observing(values: Map<string, number>): (result: ObservableResult) => void {
  return (result) => values.forEach((value, of) => result.observe(value, { of }))
}

const GONE = [
  ['createObservableGauge', false],
  ['createObservableUpDownCounter', false],
  ['createObservableCounter', true],
] as const

for (const [create, stays] of GONE) {
  test(`${create}: a value that is no longer observed is ${stays ? 'kept' : 'dropped'}`, async () => {
    const { meter, collect } = observed()
    const values = new Map([
      ['a', 1],
      ['b', 2],
    ])
    meter[create]('m').addCallback(observing(values))
    assert.deepEqual(await collect(), { a: 1, b: 2 })
    values.delete('a')
    values.set('b', 5)
    assert.deepEqual(await collect(), stays ? { a: 1, b: 5 } : { b: 5 })
    values.clear()
    assert.deepEqual(await collect(), stays ? { a: 1, b: 5 } : {})
    values.set('a', 3)
    assert.deepEqual(await collect(), stays ? { a: 3, b: 5 } : { a: 3 })
  })
}

test('an attribute set is the same object from one collection to the next', async () => {
  const reader = new Reader()
  const provider = new sdk.MeterProvider({ readers: [reader] })
  replaceStorages(provider, undefined)
  provider
    .getMeter('shop')
    .createObservableGauge('m')
    .addCallback((result) => result.observe(1, { a: 1 }))
  const attributes = async (): Promise<Attributes | undefined> =>
    (await reader.collect()).resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.attributes
  assert.equal(await attributes(), await attributes())
})

test('the last value of a set that two callbacks observe is reported, also at the end of the process', async () => {
  const { meter, collect, collectNow: now } = observed()
  const counter = meter.createObservableCounter('m')
  counter.addCallback((result) => result.observe(3, { of: 'a' }))
  counter.addCallback((result) => result.observe(4, { of: 'a' }))
  counter.addCallback(async (result) => {
    await Promise.resolve()
    result.observe(9, { of: 'late' })
  })
  assert.deepEqual(await collect(), { a: 4, late: 9 })
  assert.deepEqual(now(), { a: 4, late: 9 }, 'a counter that cannot be waited for does not seem to begin anew')
})

test('sets beyond the limit are one series, until there is room again', async () => {
  const { meter, collect } = observed()
  let from = 0
  meter.createObservableUpDownCounter('m').addCallback((result) => {
    for (let i = from; i < from + 2100; i++) result.observe(1, { of: i })
  })
  for (from = 0; from < 6000; from += 2500) {
    const shown = await collect()
    assert.equal(Object.keys(shown).length, 2000)
    assert.equal(shown['beyond'], 101)
    assert.equal(shown[from], 1)
  }
})

test('with delta temporality the SDK reports the differences', async () => {
  const { meter, collect } = observed(sdk.AggregationTemporality.DELTA)
  let value = 5
  meter.createObservableCounter('m').addCallback((result) => result.observe(value, { of: 'a' }))
  assert.deepEqual(await collect(), { a: 5 })
  value = 7
  assert.deepEqual(await collect(), { a: 2 })
})
