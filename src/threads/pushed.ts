import { AggregationTemporality, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { JoinPushed } from '../export/push-metrics.ts'
import { Collections } from '../aggregation/collection.ts'
import { metricIdentityOf, mergeSliced } from '../aggregation/merge.ts'
import { runAtOnce, runSliced, type SlicedTask } from '../sdk/sliced-task.ts'
import { rowSince, withoutExtremes } from '../aggregation/rows.ts'
import { type Snapshot, type SnapshotMetric, snapshotSliced } from '../aggregation/snapshot.ts'
import type { MetricsSettings } from '../settings/settings.ts'
import type { ThreadAggregator } from './thread-aggregator.ts'

type Preference = MetricsSettings['temporality']

/**
 * Adds the metrics of the worker threads to each push of the main thread. Threads report totals; when the collector
 * wants deltas, these are computed here.
 */
export function pushedWith(threadAggregator: () => ThreadAggregator | undefined, preference: Preference): JoinPushed {
  const collections = new Collections((metric) => temporalityOf(metric, preference))
  let before: ReadonlyMap<string, SnapshotMetric> = new Map()
  const joined = function* (own: ResourceMetrics, threads: Snapshot): SlicedTask<ResourceMetrics> {
    const totals = byIdentity(threads)
    const since = [...totals]
      .map(([identity, metric]) => sinceLast(metric, before.get(identity), preference))
      .filter(({ keys }) => keys.length > 0)
    const main = yield* snapshotSliced({ resourceMetrics: own, errors: [] })
    const all = yield* mergeSliced([main, since])
    const partly = byIdentity(since)
    const snapshot = all.map((metric) => withKnownExtremes(metric, partly.get(metricIdentityOf(metric)), preference))
    const { resourceMetrics } = yield* collections.toResult(snapshot, own.resource, [])
    before = totals
    return resourceMetrics
  }
  let last: Promise<unknown> = Promise.resolve()
  const join = async (own: ResourceMetrics): Promise<ResourceMetrics> => {
    const threads = threadAggregator()
    return threads === undefined ? own : runSliced(joined(own, await threads.collect()))
  }
  return {
    /** Joins run one after the other, since each delta starts where the last one ended. */
    join(own) {
      const joining = last.then(() => join(own))
      last = joining.catch(() => {})
      return joining
    },
    joinNow(own) {
      const threads = threadAggregator()
      return threads === undefined ? own : runAtOnce(joined(own, threads.latest()))
    },
  }
}

function byIdentity(snapshot: Snapshot): Map<string, SnapshotMetric> {
  return new Map(snapshot.map((metric) => [metricIdentityOf(metric), metric]))
}

/**
 * Returns the temporality of a metric. Source: OTLP metrics exporter specification,
 * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
 */
function temporalityOf({ kind, isObserved }: SnapshotMetric, preference: Preference): AggregationTemporality {
  const isTotal = preference === 'cumulative' || kind === 'up-down' || (preference === 'lowmemory' && isObserved)
  return isTotal ? AggregationTemporality.CUMULATIVE : AggregationTemporality.DELTA
}

function isDifference(metric: SnapshotMetric, preference: Preference): boolean {
  return metric.kind !== 'gauge' && temporalityOf(metric, preference) === AggregationTemporality.DELTA
}

function sinceLast(
  metric: SnapshotMetric,
  earlier: SnapshotMetric | undefined,
  preference: Preference,
): SnapshotMetric {
  if (earlier === undefined || !isDifference(metric, preference)) return metric
  const rowOf = new Map(earlier.keys.map((key, i) => [key, earlier.rows[i]]))
  const rows = metric.rows.map((row, i) => rowSince(metric.kind, row, rowOf.get(metric.keys[i] ?? '')))
  const changed = [...rows.keys()].filter((i) => rows[i] !== undefined)
  return {
    ...metric,
    keys: changed.map((i) => metric.keys[i] ?? ''),
    rows: changed.map((i) => rows[i] ?? []),
    exemplars: metric.exemplars && changed.map((i) => metric.exemplars?.[i]),
  }
}

/** Removes minimum and maximum where a delta of the threads is included, for which they are unknown. */
function withKnownExtremes(
  metric: SnapshotMetric,
  ofThreads: SnapshotMetric | undefined,
  preference: Preference,
): SnapshotMetric {
  if (ofThreads === undefined || !isDifference(metric, preference) || metric.kind === 'counter') return metric
  const keys = new Set(ofThreads.keys)
  return { ...metric, rows: metric.rows.map((row, i) => (keys.has(metric.keys[i] ?? '') ? withoutExtremes(row) : row)) }
}
