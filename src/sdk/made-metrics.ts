import type { Attributes } from '@opentelemetry/api'
import { type InstrumentationScope, millisToHrTime } from '@opentelemetry/core'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, GaugeMetricData, MetricData, SumMetricData } from '@opentelemetry/sdk-metrics'

/** The scope of metrics with the labels that dashboards expect, without scope labels. */
export const UNNAMED_SCOPE: InstrumentationScope = Object.freeze({ name: '' })

/**
 * Adds metrics that are computed at scrape time to a collection. `scope` must be the same object each time, since
 * labels are cached by it.
 */
export function withMetrics(
  result: CollectionResult,
  scope: InstrumentationScope,
  metrics: MetricData[],
): CollectionResult {
  const { resource, scopeMetrics } = result.resourceMetrics
  return {
    errors: result.errors,
    resourceMetrics: { resource, scopeMetrics: [...scopeMetrics, { scope, metrics }] },
  }
}

/** The empty attribute set. It is one object, since labels are cached by attribute set. */
const NO_ATTRIBUTES: Attributes = Object.freeze({})
const STARTED = millisToHrTime(performance.timeOrigin)

/** Returns a counter that started with the process. */
export function counter(name: string, unit: string, description: string, value: number): SumMetricData {
  return {
    descriptor: { name, unit, description, valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: [{ attributes: NO_ATTRIBUTES, startTime: STARTED, endTime: millisToHrTime(Date.now()), value }],
  }
}

export function gauge(
  name: string,
  unit: string,
  description: string,
  value: number,
  attributes: Attributes = NO_ATTRIBUTES,
): GaugeMetricData {
  return gauges(name, unit, description, [{ value, attributes }])
}

export function gauges(
  name: string,
  unit: string,
  description: string,
  values: readonly { readonly value: number; readonly attributes: Attributes }[],
): GaugeMetricData {
  const endTime = millisToHrTime(Date.now())
  return {
    descriptor: { name, unit, description, valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: values.map(({ value, attributes }) => ({ attributes, startTime: STARTED, endTime, value })),
  }
}
