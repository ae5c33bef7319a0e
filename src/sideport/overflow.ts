import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { gauges, UNNAMED_SCOPE, withMetrics } from '../sdk/made-metrics.ts'

/**
 * Reports metrics that have reached their limit of series, with a gauge `obs_metric_overflow{metric}` and one log line
 * per metric. Further measurements are not lost, but collected in one series, `otel_metric_overflow="true"`. `least` is
 * the smallest limit of any metric: with fewer points nothing is searched.
 */
export function overflowReporter(
  least: number,
  warn: (message: string) => void,
): (result: CollectionResult) => CollectionResult {
  const labels = new Map<string, { readonly metric: string }>()
  return (result) => {
    for (const { metrics } of result.resourceMetrics.scopeMetrics) {
      for (const metric of metrics) {
        const { name } = metric.descriptor
        if (labels.has(name) || !isOverflowing(metric, least)) continue
        labels.set(name, Object.freeze({ metric: name }))
        warn(
          `${name} has ${metric.dataPoints.length} series, its limit: new ones are merged into otel_metric_overflow="true"`,
        )
      }
    }
    if (labels.size === 0) return result
    const description = 'Metrics that reached their limit of series.'
    const values = [...labels.values()].map((attributes) => ({ value: 1, attributes }))
    return withMetrics(result, UNNAMED_SCOPE, [gauges('obs_metric_overflow', '', description, values)])
  }
}

function isOverflowing({ dataPoints }: MetricData, least: number): boolean {
  return dataPoints.length >= least && dataPoints.some(({ attributes }) => attributes['otel.metric.overflow'] === true)
}
