import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { gauges, UNNAMED_SCOPE, withMetrics } from '../sdk/made-metrics.ts'

/**
 * Makes visible that a metric has more attribute sets than it may: a gauge `obs_metric_overflow{metric}`, and a line once a
 * metric. The measurements beyond are not lost, but all in one series, `otel_metric_overflow="true"`. `least`: the smallest
 * limit of a metric; where there are fewer points it is not looked for.
 */
export function overflowTeller(
  least: number,
  tell: (message: string) => void,
): (result: CollectionResult) => CollectionResult {
  const labels = new Map<string, { readonly metric: string }>()
  return (result) => {
    for (const { metrics } of result.resourceMetrics.scopeMetrics) {
      for (const metric of metrics) {
        const { name } = metric.descriptor
        if (labels.has(name) || !isOverflowing(metric, least)) continue
        labels.set(name, Object.freeze({ metric: name }))
        tell(
          `${name} has ${metric.dataPoints.length} series, the most it may have: what is new is in otel_metric_overflow="true"`,
        )
      }
    }
    if (labels.size === 0) return result
    const description = 'Metrics with more attribute sets than they may have; what is beyond is in one series.'
    const values = [...labels.values()].map((attributes) => ({ value: 1, attributes }))
    return withMetrics(result, UNNAMED_SCOPE, [gauges('obs_metric_overflow', '', description, values)])
  }
}

function isOverflowing({ dataPoints }: MetricData, least: number): boolean {
  return dataPoints.length >= least && dataPoints.some(({ attributes }) => attributes['otel.metric.overflow'] === true)
}
