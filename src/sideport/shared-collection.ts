import type { CollectionResult } from '@opentelemetry/sdk-metrics'

/** Returns a collection, shared between scrapes that come close together. */
export type Snapshots = () => Promise<CollectionResult>

/** The longest time that a collection is reused. */
const MAX_AGE_MS = 1000
/** A collection is reused for this many times its duration, so that collecting takes at most a tenth of the thread. */
const AGE_PER_COST = 10
/** Cheaper collections are not reused. */
const MIN_COST_MS = 5

/**
 * Shares one collection between concurrent scrapes. An expensive one is also reused for scrapes within the next second.
 * A cheap one is not: whoever looks twice in a row wants to see what has changed.
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
