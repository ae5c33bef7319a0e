import type { InstrumentationScope } from '@opentelemetry/core'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, DataPoint, Histogram, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics'
import { isObserved } from '../sdk/collect-now.ts'
import { type Exemplar, exemplarsOf } from './exemplar.ts'
import { keyOf } from './attribute-keys.ts'
import { runAtOnce, type SlicedTask } from '../sdk/sliced-task.ts'
import { ROWS_PER_STEP } from './rows-per-step.ts'
import { exponentialRow, histogramRow, scalarRow } from './rows.ts'

/** `counter`: a sum that only grows; `up-down`: one that does not. */
export type Kind = 'counter' | 'up-down' | 'gauge' | 'histogram' | 'exponential'

/**
 * One metric of one process or thread, cumulative, in the form that is sent, merged and kept: attribute sets as text, and
 * beside each a row of numbers (`rows.ts` has their layout).
 */
export interface SnapshotMetric {
  readonly scope: InstrumentationScope
  readonly descriptor: MetricDescriptor
  readonly kind: Kind
  /** Read when it is collected, not recorded when it happens. */
  readonly isObserved: boolean
  /** Of a histogram; empty for all others. */
  readonly boundaries: readonly number[]
  readonly keys: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** Beside `keys`; undefined where no point has one. */
  readonly exemplars: readonly (readonly Exemplar[] | undefined)[] | undefined
}

export type Snapshot = readonly SnapshotMetric[]

/** What was collected, as a snapshot. */
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

/** An instrument has one set of boundaries. */
function boundariesOf(points: readonly DataPoint<Histogram>[]): readonly number[] {
  return points[0]?.value.buckets.boundaries ?? []
}

/** The SDK's scope may carry more than what names it, which cannot be sent. */
function plainScope({ name, version, schemaUrl }: InstrumentationScope): InstrumentationScope {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  }
}
