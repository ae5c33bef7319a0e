import { type AggregationOption, AggregationType, InstrumentType, MetricReader } from '@opentelemetry/sdk-metrics'
import { collectNow } from '../sdk/collect-now.ts'
import { type Snapshot, snapshotOf } from '../aggregation/snapshot.ts'
import { seriesLimit } from '../aggregation/series-limit.ts'
import type { HistogramAggregation, MetricsSettings } from '../settings/settings.ts'
import { histogramsOf } from './histograms.ts'

export interface ThreadMetrics {
  /** For the meter provider. */
  readonly readers: readonly MetricReader[]
  /**
   * Returns a snapshot of each reader, without asynchronous observable instruments. `isWhole` includes observable
   * instruments, which takes longer.
   */
  readonly snapshots: (isWhole: boolean) => Snapshot[]
}

/** Creates the metrics of a worker thread, which the main thread asks for. */
export function createThreadMetrics(settings: MetricsSettings): ThreadMetrics {
  const readers = histogramsOf(settings).map((histograms) => new PulledReader(histograms, settings))
  return {
    readers,
    snapshots: (isWhole) =>
      readers.map((reader) => snapshotOf({ errors: [], resourceMetrics: collectNow(reader, isWhole) })),
  }
}

/** Collects cumulatively; the main thread computes deltas. */
class PulledReader extends MetricReader {
  constructor(histograms: HistogramAggregation, { exporters, seriesLimits }: MetricsSettings) {
    const limits = exporters.includes('prometheus') ? seriesLimits.sidePort : seriesLimits.push
    super({
      cardinalitySelector: (type) => seriesLimit(limits, type),
      aggregationSelector: (type) => aggregationOf(type, histograms),
    })
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

function aggregationOf(type: InstrumentType, histograms: HistogramAggregation): AggregationOption {
  const isExponential = type === InstrumentType.HISTOGRAM && histograms === 'base2_exponential_bucket_histogram'
  return { type: isExponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT }
}

/**
 * Calls functions before and after each `Atomics.wait()`, in which pools block their threads between two tasks and
 * which nothing can interrupt.
 */
export function aroundEachWait(before: () => void, after: () => void): void {
  const { wait } = Atomics
  const waiting = {
    wait(...args: Parameters<typeof wait>): ReturnType<typeof wait> {
      before()
      try {
        return wait(...args)
      } finally {
        after()
      }
    },
  }
  Object.defineProperty(Atomics, 'wait', { configurable: true, writable: true, value: waiting.wait })
}
