import type { CollectionResult } from '@opentelemetry/sdk-metrics'

/** Collections shared between scrapes that come close together. */
export type Snapshots = () => Promise<CollectionResult>

/** Never older than this. */
const MAX_AGE_MS = 1000
/** A collection is kept for so many times what it took, so that collecting takes at most a tenth of the thread. */
const AGE_PER_COST = 10
/** What costs less is done anew each time. */
const MIN_COST_MS = 5

/**
 * Scrapes at the same moment share one collection, and an expensive one also serves those that follow within the
 * second. A cheap one does not: who looks twice in a row wants to see what happened in between.
 */
export function createSnapshots(collect: () => Promise<CollectionResult>): Snapshots {
  let latest: Promise<CollectionResult> | undefined
  let expiresMs = 0
  const keep = async (collection: Promise<CollectionResult>, startMs: number): Promise<void> => {
    try {
      await collection
      if (latest === collection) expiresMs = performance.now() + keptForMs(performance.now() - startMs)
    } catch {
      if (latest === collection) latest = undefined
    }
  }
  return () => {
    const nowMs = performance.now()
    if (latest !== undefined && nowMs < expiresMs) return latest
    latest = collect()
    expiresMs = Infinity
    void keep(latest, nowMs)
    return latest
  }
}

function keptForMs(costMs: number): number {
  return costMs < MIN_COST_MS ? 0 : Math.min(MAX_AGE_MS, costMs * AGE_PER_COST)
}
