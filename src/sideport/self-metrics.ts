import { millisToHrTime } from '@opentelemetry/core'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, GaugeMetricData } from '@opentelemetry/sdk-metrics'

/** What the last finished scrape took; a scrape cannot know itself. */
export interface ScrapeFigures {
  readonly durationMs: number
  /** Before compression. */
  readonly sizeBytes: number
}

const SCOPE = Object.freeze({ name: '@paxx/obs' })
const NO_ATTRIBUTES = Object.freeze({})

export function withSelfMetrics(result: CollectionResult, last: ScrapeFigures | undefined): CollectionResult {
  if (last === undefined) return result
  const { resource, scopeMetrics } = result.resourceMetrics
  const metrics = [
    gauge('paxx.obs.scrape.duration', 's', 'What the previous scrape of this endpoint took.', last.durationMs / 1000),
    gauge('paxx.obs.scrape.size', 'By', 'Size of the previous scrape, uncompressed.', last.sizeBytes),
  ]
  return {
    errors: result.errors,
    resourceMetrics: { resource, scopeMetrics: [...scopeMetrics, { scope: SCOPE, metrics }] },
  }
}

function gauge(name: string, unit: string, description: string, value: number): GaugeMetricData {
  const now = millisToHrTime(Date.now())
  return {
    descriptor: { name, unit, description, valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: [{ attributes: NO_ATTRIBUTES, startTime: now, endTime: now, value }],
  }
}
