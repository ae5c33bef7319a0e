import { MetricReader } from '@opentelemetry/sdk-metrics'
import { collectNow } from '../collect-now.ts'
import { type Snapshot, snapshotOf } from '../fleet/snapshot.ts'
import { seriesLimit } from '../series-limit.ts'
import type { SeriesLimits } from '../settings/settings.ts'

export interface ThreadMetrics {
  /** For the meter provider. */
  readonly reader: MetricReader
  /** What was measured so far; without what is measured asynchronously. */
  readonly snapshot: () => Snapshot
}

/** What a worker thread measures, for the main thread to ask for. */
export function createThreadMetrics(limits: SeriesLimits): ThreadMetrics {
  const reader = new PulledReader({ cardinalitySelector: (type) => seriesLimit(limits, type) })
  return { reader, snapshot: () => snapshotOf({ errors: [], resourceMetrics: collectNow(reader) }) }
}

/** Cumulative, with the default aggregations, as the side port's is. */
class PulledReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
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
