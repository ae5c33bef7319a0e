import type { HrTime } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'

/**
 * A data point as a row of numbers. Every row begins with the start and the end time (ms since the epoch), and a value
 * or sum with its rounding error (`exact-sum.ts`). NaN stands for undefined.
 */
export const START_MS = 0
export const END_MS = 1
export const VALUE = 2
/** The minimum of a histogram of either kind. */
export const MIN = 4
export const MAX = 5
/** The index at which a histogram's bucket counts begin. */
export const COUNTS = 6

export function scalarRow({ startTime, endTime, value }: DataPoint<number>): number[] {
  return [msOf(startTime), msOf(endTime), value, 0]
}

export function histogramRow({ startTime, endTime, value }: DataPoint<Histogram>): number[] {
  return [...histogramHead(startTime, endTime, value), ...value.buckets.counts]
}

export function exponentialRow({ startTime, endTime, value }: DataPoint<ExponentialHistogram>): number[] {
  const { positive, negative } = value
  return [
    ...histogramHead(startTime, endTime, value),
    value.zeroCount,
    value.scale,
    positive.offset,
    positive.bucketCounts.length,
    negative.offset,
    ...positive.bucketCounts,
    ...negative.bucketCounts,
  ]
}

export function toScalar(row: readonly number[]): number {
  return row[VALUE] ?? NaN
}

export function toHistogram(row: readonly number[], boundaries: number[]): Histogram {
  const counts = row.slice(COUNTS)
  return { ...toExtremes(row), buckets: { boundaries, counts }, count: total(counts) }
}

export function toExponential(row: readonly number[]): ExponentialHistogram {
  const [zeroCount = 0, scale = 0, positiveOffset = 0, length = 0, negativeOffset = 0] = row.slice(COUNTS)
  const counts = row.slice(COUNTS + 5)
  return {
    ...toExtremes(row),
    count: zeroCount + total(counts),
    zeroCount,
    scale,
    positive: { offset: positiveOffset, bucketCounts: counts.slice(0, length) },
    negative: { offset: negativeOffset, bucketCounts: counts.slice(length) },
  }
}

export function timesOf(row: readonly number[]): { startTime: HrTime; endTime: HrTime } {
  return { startTime: millisToHrTime(row[START_MS] ?? 0), endTime: millisToHrTime(row[END_MS] ?? 0) }
}

type Extremes = Pick<Histogram, 'sum' | 'min' | 'max'>

function histogramHead(startTime: HrTime, endTime: HrTime, { sum = NaN, min = NaN, max = NaN }: Extremes): number[] {
  return [msOf(startTime), msOf(endTime), sum, 0, min, max]
}

function toExtremes(row: readonly number[]): Extremes {
  const extremes: Extremes = {}
  for (const [name, at] of [
    ['sum', VALUE],
    ['min', MIN],
    ['max', MAX],
  ] as const) {
    const value = row[at] ?? NaN
    if (!Number.isNaN(value)) extremes[name] = value
  }
  return extremes
}

/** Returns the delta since `before`; undefined when nothing changed. */
export function rowSince(
  kind: 'counter' | 'up-down' | 'gauge' | 'histogram' | 'exponential',
  row: readonly number[],
  before: readonly number[] | undefined,
): readonly number[] | undefined {
  if (before === undefined) return row
  if (kind === 'exponential') return exponentialSince(row, before)
  const since = row.map((value, i) => (i < MIN && i !== VALUE ? value : value - (before[i] ?? 0)))
  since[START_MS] = before[END_MS] ?? 0
  if (kind !== 'histogram') return since[VALUE] === 0 ? undefined : since
  return since.slice(COUNTS).every((count) => count === 0) ? undefined : withoutExtremes(since)
}

/** Returns the row without minimum and maximum. */
export function withoutExtremes(row: readonly number[]): number[] {
  const copy = [...row]
  copy[MIN] = NaN
  copy[MAX] = NaN
  return copy
}

/**
 * Returns the delta of an exponential histogram. Its buckets get wider as the range of values grows, so both rows are
 * converted to the wider buckets of the later one.
 */
function exponentialSince(row: readonly number[], before: readonly number[]): readonly number[] | undefined {
  const now = toExponential(row)
  const then = toExponential(before)
  if (now.count === then.count) return undefined
  const by = then.scale - now.scale
  const since = (side: 'positive' | 'negative'): number[] => {
    const counts = [...now[side].bucketCounts]
    for (const [i, count] of then[side].bucketCounts.entries()) {
      // Not >>: a shift takes the distance modulo 32.
      const at = Math.floor((then[side].offset + i) / 2 ** by) - now[side].offset
      counts[at] = (counts[at] ?? 0) - count
    }
    return counts
  }
  const head = [before[END_MS] ?? 0, row[END_MS] ?? 0, (now.sum ?? 0) - (then.sum ?? 0), 0, NaN, NaN]
  const positive = since('positive')
  return [
    ...head,
    now.zeroCount - then.zeroCount,
    now.scale,
    now.positive.offset,
    positive.length,
    now.negative.offset,
    ...positive,
    ...since('negative'),
  ]
}

function msOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
