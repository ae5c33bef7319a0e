import type { Attributes } from '@opentelemetry/api'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type {
  CollectionResult,
  DataPoint,
  ExponentialHistogramMetricData,
  Histogram,
  HistogramMetricData,
  MetricData,
  SumMetricData,
} from '@opentelemetry/sdk-metrics'
import { ABORTED } from '../instrumentation/http/aborted.ts'
import { type Exemplar, exemplarsOf } from '../aggregation/exemplar.ts'
import type { SlicedTask } from '../sdk/sliced-task.ts'
import { UNNAMED_SCOPE, withMetrics } from '../sdk/made-metrics.ts'

/**
 * The metric from which the short metrics of most Node.js dashboards are derived. They are computed at scrape time, at
 * no cost per request.
 */
const SOURCE = 'http.server.request.duration'
const BOUNDARIES: number[] = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** The endpoint of requests that no route matched; the raw path would have unbounded values. */
const NO_ROUTE = 'unmatched'

/** This many points take well below a millisecond even when all labels are new and the code is cold. */
const POINTS_A_STEP = 25

/**
 * Derived attribute sets by source attribute set. They are the same objects each time, since labels are cached by them.
 */
const labelsOfRequests = new WeakMap<Attributes, Attributes>()
const keysOfLabels = new WeakMap<Attributes, string>()

/**
 * Derives `http_requests_total{method,endpoint,status}` and `http_request_duration_seconds{method,endpoint}` from
 * `http.server.request.duration`, exactly. When its boundaries were changed so that ours cannot be computed, the
 * histogram is dropped and `onMismatch` is called.
 */
export function* deriveHttpMetrics(
  source: MetricData,
  onMismatch: (message: string) => void,
): SlicedTask<MetricData[]> {
  if (source.descriptor.name !== SOURCE) return []
  if (source.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return [yield* requests(source)]
  if (source.dataPointType !== DataPointType.HISTOGRAM) return []
  const histogram = yield* durations(source)
  if (histogram === undefined) {
    onMismatch(`the buckets of ${SOURCE} were changed: http_request_duration_seconds is dropped`)
    return [yield* requests(source)]
  }
  return [yield* requests(source), histogram]
}

/** Adds the derived metrics in a scope without a name, so that they have no scope labels. */
export function* withDerivedMetrics(
  result: CollectionResult,
  onMismatch: (message: string) => void,
): SlicedTask<CollectionResult> {
  const derived: MetricData[] = []
  for (const { metrics } of result.resourceMetrics.scopeMetrics) {
    for (const metric of metrics) derived.push(...(yield* deriveHttpMetrics(metric, onMismatch)))
  }
  return derived.length === 0 ? result : withMetrics(result, UNNAMED_SCOPE, derived)
}

function* requests(source: HistogramMetricData | ExponentialHistogramMetricData): SlicedTask<SumMetricData> {
  const points = yield* grouped(
    source.dataPoints as readonly DataPoint<Counted>[],
    requestLabels,
    () => 0,
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

function* durations(source: HistogramMetricData): SlicedTask<HistogramMetricData | undefined> {
  if (!source.dataPoints.every(({ value }) => bucketsFor(value.buckets.boundaries) !== undefined)) return undefined
  const points = yield* grouped(source.dataPoints, durationLabels, emptyHistogram, added)
  const description = 'Duration of HTTP requests served, by endpoint.'
  return {
    ...source,
    descriptor: { ...source.descriptor, name: 'http_request_duration_seconds', unit: 's', description },
    dataPoints: points,
  }
}

/** The value of a histogram of either kind. */
interface Counted {
  readonly count: number
}

interface PointGroup<T> {
  readonly attributes: Attributes
  readonly exemplars: (Exemplar | undefined)[]
  value: T
  earliest: DataPoint<unknown>
}

/** Groups the source points by their derived labels and merges each group. */
function* grouped<S, T>(
  points: readonly DataPoint<S>[],
  labelsOf: (attributes: Attributes) => Attributes,
  empty: () => T,
  add: (sum: T, point: DataPoint<S>) => T,
): SlicedTask<DataPoint<T>[]> {
  const groups = new Map<string, PointGroup<T>>()
  let done = 0
  for (const point of points) {
    if (++done % POINTS_A_STEP === 0) yield
    const attributes = labelsOf(point.attributes)
    const key = remembered(keysOfLabels, attributes, () => JSON.stringify(attributes))
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { attributes, value: empty(), earliest: point, exemplars: [] }))
    group.value = add(group.value, point)
    group.exemplars.push(...(exemplarsOf(point) ?? []))
    if (isEarlier(point, group.earliest)) group.earliest = point
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

/** All points of an instrument share one array of boundaries. */
const bucketsOfBoundaries = new WeakMap<readonly number[], readonly number[] | null>()

/** Returns which of our buckets each source bucket belongs to; undefined when ours cannot be computed from them. */
function bucketsFor(boundaries: readonly number[]): readonly number[] | undefined {
  const buckets = remembered(bucketsOfBoundaries, boundaries, () => {
    if (!BOUNDARIES.every((bound) => boundaries.includes(bound))) return null
    return [...boundaries, Infinity].map((upper) => {
      const bucket = BOUNDARIES.findIndex((bound) => upper <= bound)
      return bucket < 0 ? BOUNDARIES.length : bucket
    })
  })
  return buckets ?? undefined
}

function emptyHistogram(): Histogram {
  return {
    buckets: { boundaries: BOUNDARIES, counts: [...BOUNDARIES, Infinity].map(() => 0) },
    count: 0,
    sum: 0,
  }
}

function added({ buckets, count, sum = 0 }: Histogram, { value }: DataPoint<Histogram>): Histogram {
  const { boundaries, counts } = value.buckets
  const to = bucketsFor(boundaries) ?? []
  for (let i = 0; i < counts.length; i++) {
    const bucket = to[i] ?? BOUNDARIES.length
    buckets.counts[bucket] = (buckets.counts[bucket] ?? 0) + (counts[i] ?? 0)
  }
  return { buckets, count: count + value.count, sum: sum + (value.sum ?? 0) }
}

const labelsOfDurations = new WeakMap<Attributes, Attributes>()

function requestLabels(attributes: Attributes): Attributes {
  return remembered(labelsOfRequests, attributes, () => ({
    ...methodAndEndpoint(attributes),
    status: statusOf(attributes),
  }))
}

/**
 * The status that nginx logs when the client closed the connection: the request was not answered, whatever status was
 * prepared.
 */
const CLIENT_CLOSED_REQUEST = '499'

/**
 * Errors of RPC protocols that HTTP carries with status 200, mapped like Connect does:
 * https://connectrpc.com/docs/protocol/#error-codes
 */
const STATUS_OF_RPC: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    unknown: '500',
    deadline_exceeded: '504',
    unimplemented: '501',
    internal: '500',
    unavailable: '503',
    data_loss: '500',
  }).flatMap(([name, status]) => [name, name.toUpperCase()].map((each) => [each, status] as const)),
)

function statusOf(attributes: Attributes): string {
  const { 'error.type': errorType, 'http.response.status_code': status } = attributes
  if (errorType === ABORTED) return CLIENT_CLOSED_REQUEST
  return (status === 200 ? STATUS_OF_RPC.get(errorType) : undefined) ?? String(status ?? '')
}

function durationLabels(attributes: Attributes): Attributes {
  return remembered(labelsOfDurations, attributes, () => methodAndEndpoint(attributes))
}

function methodAndEndpoint(attributes: Attributes): Attributes {
  // The SDK's overflow series for measurements beyond the limit.
  if (attributes['otel.metric.overflow'] === true) return { ...memberOf(attributes), 'otel.metric.overflow': true }
  return {
    ...memberOf(attributes),
    method: String(attributes['http.request.method'] ?? ''),
    endpoint: String(attributes['http.route'] || NO_ROUTE),
  }
}

/** Returns the label of the process or thread, when these are kept apart. */
function memberOf({ process, thread }: Attributes): Attributes {
  return { ...(process === undefined ? {} : { process }), ...(thread === undefined ? {} : { thread }) }
}

function remembered<K extends object, V>(known: WeakMap<K, V>, source: K, make: () => V): V {
  let value = known.get(source)
  if (value === undefined) known.set(source, (value = make()))
  return value
}
