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
   * What was measured so far, of each reader; without what is measured asynchronously. `isWhole`: also what is observed, which
   * takes longer.
   */
  readonly snapshots: (isWhole: boolean) => Snapshot[]
}

/** What a worker thread measures, for the main thread to ask for. */
export function createThreadMetrics(settings: MetricsSettings): ThreadMetrics {
  const readers = histogramsOf(settings).map((histograms) => new PulledReader(histograms, settings))
  return {
    readers,
    snapshots: (isWhole) =>
      readers.map((reader) => snapshotOf({ errors: [], resourceMetrics: collectNow(reader, isWhole) })),
  }
}

/** Cumulative: what is pushed as a difference is made one by the main thread. */
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
 * Pools block their threads in `Atomics.wait()` between two tasks, where nothing can be asked of them: something is done before
 * each wait, and after it.
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
