import type { HistogramPoint } from '../messages.ts'

/** The sum of histograms with equal bounds; those with other bounds than the first are left out. */
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

/** What was recorded between two readings of one histogram. */
export function since(now: HistogramPoint, before: HistogramPoint | undefined): HistogramPoint {
  // A restart begins anew.
  if (before === undefined || before.count > now.count || before.counts.length !== now.counts.length) return now
  return {
    ...now,
    count: now.count - before.count,
    sum: now.sum - before.sum,
    counts: now.counts.map((count, i) => count - (before.counts[i] ?? 0)),
  }
}

/**
 * The value that the share `q` (0 to 1) of measurements does not exceed, interpolated within its bucket as Prometheus'
 * `histogram_quantile` does; undefined where nothing was measured. Beyond the last bound it is that bound.
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
