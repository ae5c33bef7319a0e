import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'

/** Classic buckets computed from an exponential histogram. `counts` has one more element, for +Inf. */
export interface ClassicBuckets {
  readonly boundaries: readonly number[]
  readonly counts: readonly number[]
}

/** One side of a native histogram. */
export interface NativeBuckets {
  readonly spans: readonly { readonly offset: number; readonly length: number }[]
  readonly deltas: readonly number[]
}

type Buckets = ExponentialHistogram['positive']

/** The limit of classic buckets. Each is a series, so the resolution is reduced to fit the limit. */
const MAX_CLASSIC_BUCKETS = 40
const MIN_SCHEMA = -4
const MAX_SCHEMA = 8

/**
 * Converts to classic buckets, for formats without native histograms. Boundaries are always powers of two: with a scale
 * that follows the data, all series would be renamed whenever it changes.
 */
export function toClassicBuckets(histogram: ExponentialHistogram): ClassicBuckets {
  let scale = Math.min(0, histogram.scale)
  let positive = downscaled(histogram.positive, histogram.scale - scale)
  let negative = downscaled(histogram.negative, histogram.scale - scale)
  while (positive.bucketCounts.length + negative.bucketCounts.length > MAX_CLASSIC_BUCKETS) {
    scale -= 1
    positive = downscaled(positive, 1)
    negative = downscaled(negative, 1)
  }
  const boundaries: number[] = []
  const counts: number[] = []
  const add = (boundary: number, count: number): void => {
    boundaries.push(boundary)
    counts.push(count)
  }
  for (let i = negative.bucketCounts.length - 1; i >= 0; i--) {
    add(-boundOf(negative.offset + i, scale), negative.bucketCounts[i] ?? 0)
  }
  if (histogram.zeroCount > 0 || negative.bucketCounts.length > 0) add(0, histogram.zeroCount)
  positive.bucketCounts.forEach((count, i) => add(boundOf(positive.offset + i + 1, scale), count))
  return withoutInfinite(boundaries, counts)
}

/** Converts to a native histogram of Prometheus. Returns undefined when the scale is too coarse for its schemas. */
export function toNative(
  histogram: ExponentialHistogram,
): { schema: number; positive: NativeBuckets; negative: NativeBuckets } | undefined {
  if (histogram.scale < MIN_SCHEMA) return undefined
  const schema = Math.min(histogram.scale, MAX_SCHEMA)
  const by = histogram.scale - schema
  return {
    schema,
    positive: toNativeBuckets(downscaled(histogram.positive, by)),
    negative: toNativeBuckets(downscaled(histogram.negative, by)),
  }
}

/** Merges 2^by neighbouring buckets into one and removes leading and trailing empty ones. */
function downscaled(buckets: Buckets, by: number): Buckets {
  const counts = new Map<number, number>()
  let lowest = Infinity
  let highest = -Infinity
  buckets.bucketCounts.forEach((count, i) => {
    if (count === 0) return
    // Not `>>`, which takes the distance modulo 32.
    const index = Math.floor((buckets.offset + i) / 2 ** by)
    counts.set(index, (counts.get(index) ?? 0) + count)
    lowest = Math.min(lowest, index)
    highest = Math.max(highest, index)
  })
  if (counts.size === 0) return { offset: 0, bucketCounts: [] }
  const length = highest - lowest + 1
  return { offset: lowest, bucketCounts: Array.from({ length }, (_, i) => counts.get(lowest + i) ?? 0) }
}

/** Converts buckets. Prometheus indexes them by the upper bound, OpenTelemetry by the lower one, hence the + 1. */
function toNativeBuckets({ offset, bucketCounts }: Buckets): NativeBuckets {
  const spans: { offset: number; length: number }[] = []
  const deltas: number[] = []
  let previous = 0
  let next = 0
  bucketCounts.forEach((count, i) => {
    if (count === 0) return
    const index = offset + i + 1
    const span = spans.at(-1)
    if (span !== undefined && index === next) span.length += 1
    else spans.push({ offset: index - next, length: 1 })
    deltas.push(count - previous)
    previous = count
    next = index + 1
  })
  return { spans, deltas }
}

function boundOf(index: number, scale: number): number {
  return 2 ** (index * 2 ** -scale)
}

/** Merges buckets whose bound exceeds the range of a double into +Inf, and those whose bounds have become equal. */
function withoutInfinite(boundaries: readonly number[], counts: readonly number[]): ClassicBuckets {
  const kept: number[] = []
  const keptCounts: number[] = []
  let pending = 0
  boundaries.forEach((boundary, i) => {
    pending += counts[i] ?? 0
    const next = boundaries[i + 1]
    if (!Number.isFinite(boundary) || next === boundary) return
    kept.push(boundary)
    keptCounts.push(pending)
    pending = 0
  })
  return { boundaries: kept, counts: [...keptCounts, pending] }
}
