import type { InstrumentationScope } from '@opentelemetry/core'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, DataPoint, Histogram, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics'
import { type Exemplar, exemplarsOf } from '../exemplar.ts'
import { keyOf } from './attribute-keys.ts'
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
  /** Of a histogram; empty for all others. */
  readonly boundaries: readonly number[]
  readonly keys: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** Beside `keys`; undefined where no point has one. */
  readonly exemplars: readonly (readonly Exemplar[] | undefined)[] | undefined
}

export type Snapshot = readonly SnapshotMetric[]

/** What was collected, as a snapshot. */
export function snapshotOf(result: CollectionResult): Snapshot {
  return result.resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics
      .filter(({ dataPoints }) => dataPoints.length > 0)
      .map((metric) => snapshotMetric(metric, plainScope(scope))),
  )
}

function snapshotMetric(metric: MetricData, scope: InstrumentationScope): SnapshotMetric {
  const { name, description, unit, valueType } = metric.descriptor
  return {
    scope,
    descriptor: { name, description, unit, valueType },
    kind: kindOf(metric),
    boundaries: metric.dataPointType === DataPointType.HISTOGRAM ? boundariesOf(metric.dataPoints) : [],
    keys: metric.dataPoints.map(({ attributes }) => keyOf(attributes)),
    rows: rowsOf(metric),
    exemplars: exemplarsOfPoints(metric.dataPoints),
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

function rowsOf(metric: MetricData): number[][] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return metric.dataPoints.map(histogramRow)
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return metric.dataPoints.map(exponentialRow)
  return metric.dataPoints.map(scalarRow)
}

/** An instrument has one set of boundaries. */
function boundariesOf(points: readonly DataPoint<Histogram>[]): readonly number[] {
  return points[0]?.value.buckets.boundaries ?? []
}

function exemplarsOfPoints(points: readonly object[]): (readonly Exemplar[] | undefined)[] | undefined {
  const found = points.map((point) => exemplarsOf(point)?.filter((exemplar) => exemplar !== undefined))
  return found.some((exemplars) => exemplars !== undefined && exemplars.length > 0) ? found : undefined
}

/** The SDK's scope may carry more than what names it, which cannot be sent. */
function plainScope({ name, version, schemaUrl }: InstrumentationScope): InstrumentationScope {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  }
}
