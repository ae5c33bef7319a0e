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
 * Collects like `reader.collect()`, but synchronously: at the end of a process promises no longer settle. The SDK
 * cannot do that, so this follows its collector (`sdk-internals.ts`). Asynchronous callbacks are skipped; with
 * `observesAll` false, all callbacks are. Inside a callback nothing is observed again: one that calls `process.exit()`
 * gets here.
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

/** Returns whether an instrument is observable. The SDK's descriptors have a type that their declaration lacks. */
export function isObserved(descriptor: object): boolean {
  return (descriptor as { readonly type?: string }).type?.startsWith('OBSERVABLE_') === true
}

/** Whether a callback of the app is running. */
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
  // Iterates over copies: a callback that adds another one would otherwise loop forever.
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
  // Attributes may be a proxy of the app that throws when they are read.
  for (const storage of instrument._metricStorages) quietly(() => storage.record(observed, time))
}

function quietly(work: () => unknown): void {
  try {
    const returned = work()
    // An asynchronous callback observes too late, and nobody handles its rejection.
    if (returned instanceof Promise) returned.catch(() => {})
  } catch {
    // A callback of the app that throws loses only its own metric.
  }
}
