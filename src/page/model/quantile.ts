import type { HistogramPoint } from '../messages.ts'

/** Returns the sum of histograms with equal bounds. Histograms whose bounds differ from the first one's are ignored. */
export function sumOf(points: readonly HistogramPoint[]): HistogramPoint | undefined {
  const [first, ...rest] = points
  if (first === undefined) return undefined
  const counts = [...first.counts]
  let { count, sum } = first
  for (const point of rest) {
    if (point.bounds.length !== first.bounds.length) continue
    point.counts.forEach((each, i) => (counts[i] = (counts[i] ?? 0) + each))
    count += point.count
    sum += point.sum
  }
  return { ...first, counts, count, sum }
}

/** Returns what was recorded between two readings of a histogram. */
export function since(now: HistogramPoint, before: HistogramPoint | undefined): HistogramPoint {
  // After a restart, the count starts again at zero.
  if (before === undefined || before.count > now.count || before.counts.length !== now.counts.length) return now
  return {
    ...now,
    count: now.count - before.count,
    sum: now.sum - before.sum,
    counts: now.counts.map((count, i) => count - (before.counts[i] ?? 0)),
  }
}

/**
 * Returns the value that the fraction `q` (0 to 1) of measurements does not exceed, interpolated within its bucket as
 * in Prometheus' `histogram_quantile`; undefined if nothing was measured. Beyond the last bound, it is that bound.
 */
export function quantile(q: number, { bounds, counts, count }: HistogramPoint): number | undefined {
  if (count === 0) return undefined
  const rank = q * count
  let below = 0
  for (let i = 0; i < counts.length; i++) {
    const inBucket = counts[i] ?? 0
    if (below + inBucket < rank || inBucket === 0) {
      below += inBucket
      continue
    }
    const upper = bounds[i]
    const lower = i === 0 ? 0 : (bounds[i - 1] ?? 0)
    if (upper === undefined) return lower
    return lower + (upper - lower) * ((rank - below) / inBucket)
  }
  return bounds.at(-1)
}
