import { millisToHrTime } from '@opentelemetry/core'
import type { CollectionResult, MetricData, MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { type Collector, collectorOf, type ObservableRegistry } from './sdk-internals.ts'
import { yieldIfDue } from './sliced-task.ts'

/**
 * Makes the SDK's collector of a reader give way to the app between two callbacks and between two metrics, each of which is as
 * it is at one moment. Its own `collect()` goes through
 * all of them in one go, 10 ms and more for 10,000 series. Of two collections at once the second waits: what was observed
 * for the one is not the other's.
 */
export function giveWay(producer: MetricProducer): void {
  const collector = collectorOf(producer)
  if (collector === undefined) return
  let last: Promise<unknown> = Promise.resolve()
  collector.collect = (options) => {
    const result = last.then(() => collectSliced(collector, options?.timeoutMillis))
    last = result.catch(() => {})
    return result
  }
}

async function collectSliced(collector: Collector, timeoutMs: number | undefined): Promise<CollectionResult> {
  const time = millisToHrTime(Date.now())
  const { resource, meterSharedStates } = collector._sharedState
  const meters = [...meterSharedStates.values()]
  const observing: Promise<unknown[]>[] = []
  for (const { observableRegistry } of meters) {
    for (const each of oneByOne(observableRegistry)) {
      observing.push(each.observe(time, timeoutMs))
      await yieldIfDue()
    }
  }
  const errors = await Promise.all(observing)
  const scopeMetrics: ResourceMetrics['scopeMetrics'] = []
  for (const { metricStorageRegistry, _instrumentationScope: scope } of meters) {
    const metrics: MetricData[] = []
    for (const storage of metricStorageRegistry.getStorages(collector)) {
      const metric = storage.collect(collector, time)
      if (metric !== undefined) metrics.push(metric)
      await yieldIfDue()
    }
    if (metrics.length > 0) scopeMetrics.push({ scope, metrics })
  }
  return { resourceMetrics: { resource, scopeMetrics }, errors: errors.flat() }
}

/** A registry for each callback of this one, which calls that one alone. */
function oneByOne(registry: ObservableRegistry): ObservableRegistry[] {
  const part = (callbacks: readonly unknown[], batchCallbacks: readonly unknown[]): ObservableRegistry =>
    Object.assign(Object.create(registry) as ObservableRegistry, {
      _callbacks: callbacks,
      _batchCallbacks: batchCallbacks,
    })
  return [
    ...registry._callbacks.map((each) => part([each], [])),
    ...registry._batchCallbacks.map((each) => part([], [each])),
  ]
}
