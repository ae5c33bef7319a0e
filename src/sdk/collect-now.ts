import type { HrTime } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { emptyResource } from '@opentelemetry/resources'
import type { MetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import {
  collectorOf,
  type ObservableInstrument,
  type ObservableRegistry,
  type Observed,
  producerOf,
} from './sdk-internals.ts'

/**
 * What `reader.collect()` gives, synchronously: at the end of a process no promise settles any more. The SDK has no such
 * way, so this walks what its collector walks (`sdk-internals.ts`). Callbacks that are asynchronous are left out; with `observesAll` false, all that is observed. Inside of a
 * callback nothing is observed once more: one that calls `process.exit()` comes back here.
 */
export function collectNow(reader: MetricReader, observesAll: boolean = true): ResourceMetrics {
  const observes = observesAll && !isObserving
  const collector = collectorOf(producerOf(reader))
  if (collector === undefined) return { resource: emptyResource(), scopeMetrics: [] }
  const time = millisToHrTime(Date.now())
  const { resource, meterSharedStates } = collector._sharedState
  const scopeMetrics = [...meterSharedStates.values()].flatMap((meter) => {
    if (observes) observe(meter.observableRegistry, time)
    const metrics = meter.metricStorageRegistry
      .getStorages(collector)
      .filter((storage) => observes || !isObserved(storage.getInstrumentDescriptor()))
      .map((storage) => storage.collect(collector, time))
      .filter((metric) => metric !== undefined)
    return metrics.length === 0 ? [] : [{ scope: meter._instrumentationScope, metrics }]
  })
  return { resource, scopeMetrics }
}

/** The SDK's descriptors know their instrument, other than their type says. */
export function isObserved(descriptor: object): boolean {
  return (descriptor as { readonly type?: string }).type?.startsWith('OBSERVABLE_') === true
}

/** A callback of the app is running. */
let isObserving = false

function observe(registry: ObservableRegistry, time: HrTime): void {
  isObserving = true
  try {
    observeAll(registry, time)
  } finally {
    isObserving = false
  }
}

function observeAll({ _callbacks, _batchCallbacks }: ObservableRegistry, time: HrTime): void {
  // Copies: a callback that adds another one would never come to an end.
  for (const { callback, instrument } of _callbacks.slice()) {
    const observed: Observed = new Map()
    quietly(() => callback({ observe: (value, attributes = {}) => observed.set(attributes, value) }))
    record(instrument, observed, time)
  }
  for (const { callback, instruments } of _batchCallbacks.slice()) {
    const byInstrument = new Map([...instruments].map((instrument) => [instrument, new Map() as Observed]))
    quietly(() =>
      callback({
        observe: (instrument, value, attributes = {}) => byInstrument.get(instrument)?.set(attributes, value),
      }),
    )
    for (const [instrument, observed] of byInstrument) record(instrument, observed, time)
  }
}

function record(instrument: ObservableInstrument, observed: Observed, time: HrTime): void {
  if (observed.size === 0) return
  for (const storage of instrument._metricStorages) storage.record(observed, time)
}

function quietly(work: () => unknown): void {
  try {
    const returned = work()
    // An asynchronous callback observes too late; what it rejects with is nobody's.
    if (returned instanceof Promise) returned.catch(() => {})
  } catch {
    // The callback of the app that fails costs its own metric.
  }
}
