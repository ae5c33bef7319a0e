import type { Attributes } from '@opentelemetry/api'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type {
  CollectionResult,
  DataPoint,
  Histogram,
  HistogramMetricData,
  MetricData,
  SumMetricData,
} from '@opentelemetry/sdk-metrics'
import { ABORTED } from '../aborted.ts'
import { type Exemplar, exemplarsOf } from '../exemplar.ts'
import { UNNAMED_SCOPE, withMetrics } from './made-metrics.ts'

/** The shorter metrics that most Node.js dashboards ask for, made at scrape time: no cost a request. */
const SOURCE = 'http.server.request.duration'
const BOUNDARIES: number[] = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Requests that no route took; never the raw path, whose values are without bound. */
const NO_ROUTE = 'unmatched'

/** Derived attribute sets by source attribute set: the same object each time, so that its labels are found ready. */
const labelsOfRequests = new WeakMap<Attributes, Attributes>()

/**
 * `http_requests_total{method,endpoint,status}` and `http_request_duration_seconds{method,endpoint}`, exactly, from
 * `http.server.request.duration`. When its boundaries were changed so that ours cannot be summed up from them, the
 * histogram is left out and `onMismatch` is told.
 */
export function deriveHttpMetrics(source: MetricData, onMismatch: (message: string) => void): MetricData[] {
  if (source.descriptor.name !== SOURCE || source.dataPointType !== DataPointType.HISTOGRAM) return []
  const histogram = durations(source)
  if (histogram === undefined) {
    onMismatch(`the buckets of ${SOURCE} were changed: http_request_duration_seconds is left out`)
    return [requests(source)]
  }
  return [requests(source), histogram]
}

/** The result with the derived metrics in it, in a scope without a name: their labels are the promised ones alone. */
export function withDerivedMetrics(result: CollectionResult, onMismatch: (message: string) => void): CollectionResult {
  const metrics = result.resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap((metric) => deriveHttpMetrics(metric, onMismatch)),
  )
  return metrics.length === 0 ? result : withMetrics(result, UNNAMED_SCOPE, metrics)
}

function requests(source: HistogramMetricData): SumMetricData {
  const points = grouped(
    source.dataPoints,
    requestLabels,
    ({ value }) => value.count,
    (sum, { value }) => sum + value.count,
  )
  return {
    ...source,
    descriptor: { ...source.descriptor, name: 'http_requests_total', unit: '', description: 'HTTP requests served.' },
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: points,
  }
}

function durations(source: HistogramMetricData): HistogramMetricData | undefined {
  if (!source.dataPoints.every(({ value }) => BOUNDARIES.every((bound) => value.buckets.boundaries.includes(bound)))) {
    return undefined
  }
  const points = grouped(
    source.dataPoints,
    durationLabels,
    ({ value }) => rebucketed(value),
    (sum, { value }) => added(sum, rebucketed(value)),
  )
  const description = 'Duration of HTTP requests served, by endpoint.'
  return {
    ...source,
    descriptor: { ...source.descriptor, name: 'http_request_duration_seconds', unit: 's', description },
    dataPoints: points,
  }
}

interface Group<T> {
  readonly attributes: Attributes
  readonly exemplars: (Exemplar | undefined)[]
  value: T
  earliest: DataPoint<Histogram>
}

/** One point for all source points that come to the same labels. */
function grouped<T>(
  points: readonly DataPoint<Histogram>[],
  labelsOf: (attributes: Attributes) => Attributes,
  first: (point: DataPoint<Histogram>) => T,
  add: (sum: T, point: DataPoint<Histogram>) => T,
): DataPoint<T>[] {
  const groups = new Map<string, Group<T>>()
  for (const point of points) {
    const attributes = labelsOf(point.attributes)
    const key = JSON.stringify(attributes)
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, { attributes, value: first(point), earliest: point, exemplars: [...(exemplarsOf(point) ?? [])] })
    } else {
      group.value = add(group.value, point)
      group.exemplars.push(...(exemplarsOf(point) ?? []))
      if (isEarlier(point, group.earliest)) group.earliest = point
    }
  }
  return [...groups.values()].map(({ attributes, value, earliest, exemplars }) => ({
    startTime: earliest.startTime,
    endTime: earliest.endTime,
    attributes,
    value,
    exemplars,
  }))
}

function isEarlier(a: DataPoint<unknown>, b: DataPoint<unknown>): boolean {
  return a.startTime[0] < b.startTime[0] || (a.startTime[0] === b.startTime[0] && a.startTime[1] < b.startTime[1])
}

function rebucketed({ buckets, count, sum }: Histogram): Histogram {
  const counts = BOUNDARIES.map(() => 0)
  counts.push(0)
  let target = 0
  buckets.counts.forEach((bucketCount, i) => {
    const upper = buckets.boundaries[i] ?? Infinity
    while (target < BOUNDARIES.length && upper > (BOUNDARIES[target] ?? Infinity)) target += 1
    counts[target] = (counts[target] ?? 0) + bucketCount
  })
  return { buckets: { boundaries: BOUNDARIES, counts }, count, sum: sum ?? 0 }
}

function added(a: Histogram, b: Histogram): Histogram {
  const counts = a.buckets.counts.map((count, i) => count + (b.buckets.counts[i] ?? 0))
  return { buckets: { boundaries: BOUNDARIES, counts }, count: a.count + b.count, sum: (a.sum ?? 0) + (b.sum ?? 0) }
}

const labelsOfDurations = new WeakMap<Attributes, Attributes>()

function requestLabels(attributes: Attributes): Attributes {
  return remembered(labelsOfRequests, attributes, () => ({
    ...methodAndEndpoint(attributes),
    status: statusOf(attributes),
  }))
}

/** What nginx logs where the client gave up: such a request was not answered, whatever status was on its way. */
const CLIENT_CLOSED_REQUEST = '499'

function statusOf(attributes: Attributes): string {
  return attributes['error.type'] === ABORTED
    ? CLIENT_CLOSED_REQUEST
    : String(attributes['http.response.status_code'] ?? '')
}

function durationLabels(attributes: Attributes): Attributes {
  return remembered(labelsOfDurations, attributes, () => methodAndEndpoint(attributes))
}

function methodAndEndpoint(attributes: Attributes): Attributes {
  // The SDK's own mark of an instrument with too many attribute sets: what is beyond is still counted.
  if (attributes['otel.metric.overflow'] === true) return { ...memberOf(attributes), 'otel.metric.overflow': true }
  return {
    ...memberOf(attributes),
    method: String(attributes['http.request.method'] ?? ''),
    endpoint: String(attributes['http.route'] || NO_ROUTE),
  }
}

/** Where the processes or threads of a service are kept apart. */
function memberOf({ process, thread }: Attributes): Attributes {
  return { ...(process === undefined ? {} : { process }), ...(thread === undefined ? {} : { thread }) }
}

function remembered(known: WeakMap<Attributes, Attributes>, source: Attributes, make: () => Attributes): Attributes {
  let labels = known.get(source)
  if (labels === undefined) known.set(source, (labels = make()))
  return labels
}
