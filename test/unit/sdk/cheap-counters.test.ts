import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNoopMeter } from '@opentelemetry/api'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { cheapCounters } from '../../../src/sdk/cheap-counters.ts'

class Reader extends MetricReader {
  onShutdown(): Promise<void> {
    return Promise.resolve()
  }
  onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

function pointsOf(result: CollectionResult): unknown[] {
  return result.resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ value, attributes }) => [scope.name, descriptor.name, attributes, value]),
    ),
  )
}

test('additions are reported by the real provider, one series per attribute set', async () => {
  const reader = new Reader()
  const meter = cheapCounters(new MeterProvider({ readers: [reader] })).getMeter('tracer', '1')
  const started = meter.createCounter('started', { unit: '{span}' })
  const live = meter.createUpDownCounter('live')
  meter.createHistogram('nobody')?.record(1)
  started.add(1, { origin: 'none', result: 'RECORD' })
  started.add(1, { origin: 'none', result: 'RECORD' })
  started.add(1, { origin: 'local', result: 'DROP' })
  live.add(1)
  live.add(1)
  live.add(-1)
  const expected = [
    ['tracer', 'started', { origin: 'none', result: 'RECORD' }, 2],
    ['tracer', 'started', { origin: 'local', result: 'DROP' }, 1],
    ['tracer', 'live', {}, 1],
  ]
  assert.deepEqual(pointsOf(await reader.collect()), expected)
  started.add(3, { origin: 'none', result: 'RECORD' })
  assert.deepEqual(pointsOf(await reader.collect())[0], ['tracer', 'started', { origin: 'none', result: 'RECORD' }, 5])
})

test('counters of the same name in two tracers share one sum', async () => {
  const reader = new Reader()
  const meters = cheapCounters(new MeterProvider({ readers: [reader] }))
  for (const value of [1, 10]) meters.getMeter('tracer', '1').createCounter('started').add(value, { origin: 'none' })
  assert.deepEqual(pointsOf(await reader.collect()), [['tracer', 'started', { origin: 'none' }, 11]])
})

test("the API's own no-op meter is not changed", () => {
  const before = createNoopMeter().createCounter
  cheapCounters(new MeterProvider({})).getMeter('tracer')
  assert.equal(createNoopMeter().createCounter, before)
})
