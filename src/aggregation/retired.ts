import { metricIdentityOf, mergeSliced } from './merge.ts'
import { runAtOnce } from '../sdk/sliced-task.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/** The SDK's default limit of attribute sets per metric. */
const MAX_POINTS = 2000

/**
 * Adds the counters and histograms of an ended member to those of earlier ones. Gauges and up-down counters (open
 * connections, active requests) end with their process.
 */
export function withRetired(retired: Snapshot, ended: Snapshot): Snapshot {
  const kept = ended.filter(({ kind }) => kind !== 'gauge' && kind !== 'up-down')
  return runAtOnce(mergeSliced([retired, kept], MAX_POINTS))
}

/**
 * Returns the later of two snapshots of one member, plus the metrics that only the earlier one has: at the end of a
 * process asynchronous callbacks can no longer be read, and their counters must not vanish from the totals.
 */
export function superseded(earlier: Snapshot, later: Snapshot): Snapshot {
  const byIdentity = new Map(later.map((metric) => [metricIdentityOf(metric), metric]))
  const missing = earlier.flatMap((metric) => {
    const known = byIdentity.get(metricIdentityOf(metric))
    return known === undefined ? [metric] : pointsBeside(metric, known)
  })
  return [...later, ...missing]
}

function pointsBeside(metric: SnapshotMetric, known: SnapshotMetric): SnapshotMetric[] {
  const keys = new Set(known.keys)
  const indexes = [...metric.keys.keys()].filter((i) => !keys.has(metric.keys[i] ?? ''))
  if (indexes.length === 0) return []
  return [
    {
      ...metric,
      keys: indexes.map((i) => metric.keys[i] ?? ''),
      rows: indexes.map((i) => metric.rows[i] ?? []),
      exemplars: metric.exemplars === undefined ? undefined : indexes.map((i) => metric.exemplars?.[i]),
    },
  ]
}
