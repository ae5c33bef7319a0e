import type { Attributes } from '@opentelemetry/api'
import type {
  CollectionResult,
  DataPoint,
  ExponentialHistogram,
  Histogram,
  MetricData,
} from '@opentelemetry/sdk-metrics'
import type { MetricMessage, PointMessage } from '../page/messages.ts'
import { toClassicBuckets } from './exposition/exponential.ts'

/** Prefixes of the metrics that the page shows. */
const SHOWN = [
  'http.server.',
  'http.client.request.duration',
  'db.client.',
  'rpc.',
  'messaging.',
  'nodejs.',
  'nodejs_',
  'v8js.',
  'process.',
  'process_',
  'otel.sdk.',
  'obs.export.',
]

/** Limit of points per metric; the page does not show more. */
const MAX_POINTS = 1000

/** Returns the metrics that the page shows, as plain data. */
export function shownMetrics({ resourceMetrics }: CollectionResult): MetricMessage[] {
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => SHOWN.some((prefix) => descriptor.name.startsWith(prefix)))
    .map((metric) => ({
      name: metric.descriptor.name,
      unit: metric.descriptor.unit,
      points: pointsOf(metric),
    }))
}

function pointsOf({ dataPoints }: MetricData): PointMessage[] {
  return (dataPoints as DataPoint<number | Histogram | ExponentialHistogram>[]).slice(0, MAX_POINTS).map(pointOf)
}

function pointOf({ attributes, value }: DataPoint<number | Histogram | ExponentialHistogram>): PointMessage {
  const labels = labelsOf(attributes)
  if (typeof value === 'number') return { attributes: labels, value }
  const { boundaries, counts } = 'buckets' in value ? value.buckets : toClassicBuckets(value)
  return { attributes: labels, count: value.count, sum: value.sum ?? 0, bounds: boundaries, counts }
}

function labelsOf(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]))
}
