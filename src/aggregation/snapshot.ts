import type { InstrumentationScope } from '@opentelemetry/core'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, DataPoint, Histogram, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics'
import { isObserved } from '../sdk/collect-now.ts'
import { type Exemplar, exemplarsOf } from './exemplar.ts'
import { keyOf } from './attribute-keys.ts'
import { runAtOnce, type SlicedTask } from '../sdk/sliced-task.ts'
import { ROWS_PER_STEP } from './rows-per-step.ts'
import { exponentialRow, histogramRow, scalarRow } from './rows.ts'

/** A `counter` is a monotonic sum, an `up-down` one is not monotonic. */
export type Kind = 'counter' | 'up-down' | 'gauge' | 'histogram' | 'exponential'

/**
 * One cumulative metric of one process or thread, in the form that is sent, merged and stored: attribute sets as keys,
 * and for each a row of numbers (laid out in `rows.ts`).
 */
export interface SnapshotMetric {
  readonly scope: InstrumentationScope
  readonly descriptor: MetricDescriptor
  readonly kind: Kind
  /** Whether the instrument is observable: read at collection, not recorded. */
  readonly isObserved: boolean
  /** The boundaries of a histogram; empty for all others. */
  readonly boundaries: readonly number[]
  readonly keys: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** The exemplars of each point, in the order of `keys`; undefined when no point has any. */
  readonly exemplars: readonly (readonly Exemplar[] | undefined)[] | undefined
}

export type Snapshot = readonly SnapshotMetric[]

/** Converts a collection to a snapshot. */
export function* snapshotSliced(result: CollectionResult): SlicedTask<Snapshot> {
  const snapshot: SnapshotMetric[] = []
  for (const { scope, metrics } of result.resourceMetrics.scopeMetrics) {
    const plain = plainScope(scope)
    for (const metric of metrics) {
      if (metric.dataPoints.length > 0) snapshot.push(yield* snapshotMetric(metric, plain))
    }
  }
  return snapshot
}

export function snapshotOf(result: CollectionResult): Snapshot {
  return runAtOnce(snapshotSliced(result))
}

function* snapshotMetric(metric: MetricData, scope: InstrumentationScope): SlicedTask<SnapshotMetric> {
  const { name, description, unit, valueType } = metric.descriptor
  const keys: string[] = []
  const rows: number[][] = []
  const exemplars: (readonly Exemplar[] | undefined)[] = []
  const toRow = rowMaker(metric)
  for (const [i, point] of metric.dataPoints.entries()) {
    keys.push(keyOf(point.attributes))
    rows.push(toRow(i))
    const found = exemplarsOf(point)?.filter((exemplar) => exemplar !== undefined) ?? []
    exemplars.push(found.length > 0 ? found : undefined)
    if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield
  }
  yield
  return {
    scope,
    descriptor: { name, description, unit, valueType },
    kind: kindOf(metric),
    isObserved: isObserved(metric.descriptor),
    boundaries: metric.dataPointType === DataPointType.HISTOGRAM ? boundariesOf(metric.dataPoints) : [],
    keys,
    rows,
    exemplars: exemplars.some((each) => each !== undefined) ? exemplars : undefined,
  }
}

function kindOf(metric: MetricData): Kind {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'up-down'
    case DataPointType.GAUGE:
      return 'gauge'
    case DataPointType.HISTOGRAM:
      return 'histogram'
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return 'exponential'
  }
}

function rowMaker(metric: MetricData): (i: number) => number[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return rowsOf(metric.dataPoints, histogramRow)
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return rowsOf(metric.dataPoints, exponentialRow)
  return rowsOf(metric.dataPoints, scalarRow)
}

function rowsOf<Point>(points: readonly Point[], toRow: (point: Point) => number[]): (i: number) => number[] {
  return (i) => {
    const point = points[i]
    return point === undefined ? [] : toRow(point)
  }
}

/** All points of an instrument have the same boundaries. */
function boundariesOf(points: readonly DataPoint<Histogram>[]): readonly number[] {
  return points[0]?.value.buckets.boundaries ?? []
}

/** Copies the members that identify a scope, since the SDK's object may have others that cannot be sent. */
function plainScope({ name, version, schemaUrl }: InstrumentationScope): InstrumentationScope {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  }
}
