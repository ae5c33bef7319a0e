import { millisToHrTime } from '@opentelemetry/core'
import type { CollectionResult, MetricData, MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { reasonOf } from '../base/diag.ts'
import { type Collector, collectorOf, type ObservableRegistry } from './sdk-internals.ts'
import { yieldIfDue } from './sliced-task.ts'

/**
 * Makes the SDK's collector of a reader yield to the event loop between callbacks and between metrics, each of which is
 * consistent in itself. The SDK's own `collect()` runs through all of them at once, which takes 10 ms and more for
 * 10,000 series. Collections run one after the other: what was observed for one does not belong to the other.
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
  return { resourceMetrics: { resource, scopeMetrics }, errors: errors.flat().map(toError) }
}

/**
 * Returns a plain error for anything that a callback threw. The SDK reads the name of the first one: `null` has none, and
 * a proxy or a getter may throw at every access.
 */
function toError(thrown: unknown): Error {
  const error = new Error(reasonOf(thrown))
  try {
    if (thrown instanceof Error) error.name = String(thrown.name)
  } catch {
    // It keeps the name `Error`.
  }
  return error
}

/** Returns one registry for each callback, which calls only that callback. */
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
