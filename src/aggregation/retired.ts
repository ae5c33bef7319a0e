import { metricIdentityOf, mergeSliced } from './merge.ts'
import { runAtOnce } from '../sdk/sliced-task.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/** As many attribute sets a metric as the SDK keeps in one process. */
const MAX_POINTS = 2000

/**
 * What stays of members that have ended: what they counted. A gauge or an up-down counter (connections that are open,
 * requests that are served) ends with its process.
 */
export function withRetired(retired: Snapshot, ended: Snapshot): Snapshot {
  const kept = ended.filter(({ kind }) => kind !== 'gauge' && kind !== 'up-down')
  return runAtOnce(mergeSliced([retired, kept], MAX_POINTS))
}

/**
 * The later of two snapshots of one member, with what only the earlier one has: at the end of a process what is counted
 * asynchronously can no longer be read, and must not be missing from the totals for that.
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
