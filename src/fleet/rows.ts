import type { HrTime } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'

/**
 * A data point as a row of numbers. All rows begin with when the point began and when it was read (ms since 1970), and a
 * value or sum with what rounding took off it (`exact-sum.ts`); undefined is NaN.
 */
export const START_MS = 0
export const END_MS = 1
export const VALUE = 2
/** Histograms of both kinds. */
export const MIN = 4
export const MAX = 5
/** Where the counts of a histogram's buckets begin. */
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

function msOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
