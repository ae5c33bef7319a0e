import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { createPrometheusReader } from '../../../src/sideport/reader.ts'

test('the app runs during a large collection, and nothing is missing', async () => {
  const { reader, collect } = createPrometheusReader()
  const provider = new MeterProvider({ readers: [reader] })
  for (const name of ['a', 'b']) {
    const meter = provider.getMeter(name)
    for (let i = 0; i < 30; i++) {
      const counter = meter.createCounter(`counter.${i}`)
      for (let n = 0; n < 1000; n++) counter.add(1, { n, route: `/items/${n}` })
    }
  }
  provider
    .getMeter('c')
    .createObservableGauge('failing')
    .addCallback(() => {
      throw new Error('of the app')
    })
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  const { errors, resourceMetrics } = await collect()
  isOver = true
  assert.ok(turns > 2, `${turns} turns`)
  assert.deepEqual(errors.map(String), ['Error: of the app'])
  assert.deepEqual(
    resourceMetrics.scopeMetrics.map(({ scope, metrics }) => [
      scope.name,
      metrics.length,
      metrics.at(-1)?.dataPoints.length,
    ]),
    [
      ['a', 30, 1000],
      ['b', 30, 1000],
    ],
  )
})

test('concurrent collections each have all observed values, and the event loop turns between callbacks', async () => {
  const { reader, collect } = createPrometheusReader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('shop')
  let turns = 0
  for (let i = 0; i < 3; i++) {
    meter.createObservableGauge(`gauge.${i}`).addCallback((result) => {
      const endMs = performance.now() + 5
      while (performance.now() < endMs);
      result.observe(turns)
    })
  }
  const timer = setImmediate(function turn() {
    turns += 1
    if (turns < 1000) setImmediate(turn)
  })
  const results = await Promise.all([collect(), collect()])
  clearImmediate(timer)
  for (const { resourceMetrics } of results) {
    const values = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ dataPoints }) => dataPoints[0]?.value),
    )
    assert.equal(values.length, 3)
    assert.equal(new Set(values).size, 3, String(values))
  }
})
