import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { gauges, UNNAMED_SCOPE, withMetrics } from './made-metrics.ts'

/** The SDK's limit, which counts the series of the overflow (sdk-metrics, DeltaMetricProcessor). */
const MAX_SERIES = 2000

/**
 * Makes visible that a metric has more attribute sets than it may: a gauge `obs_metric_overflow{metric}`, and a line once a
 * metric. The measurements beyond are not lost, but all in one series, `otel_metric_overflow="true"`.
 */
export function overflowTeller(tell: (message: string) => void): (result: CollectionResult) => CollectionResult {
  const labels = new Map<string, { readonly metric: string }>()
  return (result) => {
    for (const { metrics } of result.resourceMetrics.scopeMetrics) {
      for (const metric of metrics) {
        const { name } = metric.descriptor
        if (labels.has(name) || !isOverflowing(metric)) continue
        labels.set(name, Object.freeze({ metric: name }))
        tell(`${name} has ${MAX_SERIES} series, the most of one metric: what is new is in otel_metric_overflow="true"`)
      }
    }
    if (labels.size === 0) return result
    const description = 'Metrics with more attribute sets than they may have; what is beyond is in one series.'
    const values = [...labels.values()].map((attributes) => ({ value: 1, attributes }))
    return withMetrics(result, UNNAMED_SCOPE, [gauges('obs_metric_overflow', '', description, values)])
  }
}

/** Looked for only where there are so many points that it can be. */
function isOverflowing({ dataPoints }: MetricData): boolean {
  return (
    dataPoints.length >= MAX_SERIES && dataPoints.some(({ attributes }) => attributes['otel.metric.overflow'] === true)
  )
}
