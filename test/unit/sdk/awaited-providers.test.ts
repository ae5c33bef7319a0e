import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchObservableResult, ObservableResult } from '@opentelemetry/api'
import { type CollectionResult, DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { AwaitedProviders } from '../../../src/sdk/awaited-providers.ts'

class Reader extends MetricReader {
  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}
}

/** Returns providers, what they have recorded with the SDK, and how often they loaded it. */
function awaited() {
  const spans = new InMemorySpanExporter()
  const reader = new Reader()
  const state = { loads: 0 }
  const providers: AwaitedProviders = new AwaitedProviders(() => {
    state.loads += 1
    providers.use({
      tracerProvider: new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
      meterProvider: new MeterProvider({ readers: [reader] }),
      loggerProvider: undefined,
    })
    providers.observe()
  })
  return { providers, reader, spans, state }
}

function valuesOf({ resourceMetrics }: CollectionResult): Record<string, number> {
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.descriptor.name,
      metric.dataPointType === DataPointType.HISTOGRAM
        ? (metric.dataPoints[0]?.value.count ?? 0)
        : Number(metric.dataPoints[0]?.value),
    ]),
  )
}

test('creating tracers and instruments does not load the SDK', () => {
  const { providers, state } = awaited()
  providers.tracerProvider.getTracer('app')
  const meter = providers.meterProvider.getMeter('app')
  meter.createHistogram('a')
  meter.createObservableGauge('b').addCallback((result) => result.observe(1))
  assert.equal(state.loads, 0)
})

test('the first span loads the SDK and is recorded, as is one of startActiveSpan', () => {
  const { providers, spans, state } = awaited()
  const tracer = providers.tracerProvider.getTracer('app', '1.2.3')
  tracer.startSpan('first').end()
  tracer.startActiveSpan('second', (span) => span.end())
  assert.equal(state.loads, 1)
  const finished = spans.getFinishedSpans()
  assert.deepEqual(
    finished.map(
      ({ name, instrumentationScope }) => `${name} ${instrumentationScope.name} ${instrumentationScope.version}`,
    ),
    ['first app 1.2.3', 'second app 1.2.3'],
  )
})

test('the first measurement loads the SDK, and every kind of instrument records', async () => {
  const { providers, reader, state } = awaited()
  const meter = providers.meterProvider.getMeter('app')
  const histogram = meter.createHistogram('histogram')
  const counter = meter.createCounter('counter')
  const upDown = meter.createUpDownCounter('up_down')
  const gauge = meter.createGauge('gauge')
  histogram.record(5)
  counter.add(2)
  counter.add(3)
  upDown.add(-1)
  gauge.record(7)
  assert.equal(state.loads, 1)
  assert.deepEqual(valuesOf(await reader.collect()), { histogram: 1, counter: 5, up_down: -1, gauge: 7 })
})

const observe =
  (value: number) =>
  (result: ObservableResult): void =>
    result.observe(value)

test('callbacks from before the SDK are observed, unless they were removed', async () => {
  const { providers, reader } = awaited()
  const meter = providers.meterProvider.getMeter('app')
  meter.createObservableGauge('gauge').addCallback(observe(1))
  meter.createObservableCounter('counter').addCallback(observe(2))
  const removed = meter.createObservableUpDownCounter('removed')
  const callback = observe(3)
  removed.addCallback(callback)
  removed.removeCallback(callback)
  const later = meter.createObservableGauge('later')
  const both = [meter.createObservableGauge('one'), meter.createObservableGauge('two')]
  let observed = 0
  const batch = (result: BatchObservableResult): void => {
    observed += 1
    for (const [i, each] of both.entries()) result.observe(each, 10 + i)
  }
  meter.addBatchObservableCallback(batch, both)
  const gone = (result: BatchObservableResult): void => result.observe(later, 0)
  meter.addBatchObservableCallback(gone, both)
  meter.removeBatchObservableCallback(gone, both)
  providers.load()
  later.addCallback(observe(4))
  assert.deepEqual(valuesOf(await reader.collect()), { gauge: 1, counter: 2, one: 10, two: 11, later: 4 })
  meter.removeBatchObservableCallback(batch, both)
  await reader.collect()
  assert.equal(observed, 1)
})

test('without an SDK nothing is recorded, and it is not asked for again', () => {
  let loads = 0
  const providers = new AwaitedProviders(() => {
    loads += 1
  })
  const tracer = providers.tracerProvider.getTracer('app')
  assert.equal(tracer.startSpan('first').isRecording(), false)
  assert.equal(tracer.startSpan('second').isRecording(), false)
  providers.meterProvider.getMeter('app').createCounter('counter').add(1)
  assert.equal(loads, 1)
})
