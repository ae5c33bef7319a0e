import { addExactly } from './exact-sum.ts'
import type { GaugeRule } from './gauge-rules.ts'
import { COUNTS, END_MS, MAX, MIN, START_MS, toExponential, VALUE } from './rows.ts'

/**
 * Each function merges `other` into `row`, which belongs to the caller. The result does not depend on order or
 * grouping.
 */

export function mergeSum(row: number[], other: readonly number[]): void {
  mergeTimes(row, other)
  addExactly(row, other, VALUE)
}

export function mergeGauge(rule: GaugeRule, row: number[], other: readonly number[]): void {
  if (rule === 'sum') return mergeSum(row, other)
  const value = other[VALUE] ?? NaN
  const isOther = rule === 'apart' ? isLater(other, row) : isBeyond(rule, value, row[VALUE] ?? NaN)
  if (isOther) row[VALUE] = value
  mergeTimes(row, other)
}

/** Merges two histograms, which must have the same boundaries. */
export function mergeHistogram(row: number[], other: readonly number[]): void {
  mergeHead(row, other)
  for (let i = COUNTS; i < other.length; i++) row[i] = (row[i] ?? 0) + (other[i] ?? 0)
}

/** OpenTelemetry's default limit of buckets on each side. */
const MAX_BUCKETS = 160

/** Merges at the finest scale at which the buckets of each side fit the limit. */
export function mergeExponential(row: number[], other: readonly number[]): void {
  mergeHead(row, other)
  const a = toExponential(row)
  const b = toExponential(other)
  let scale = Math.min(a.scale, b.scale)
  const [byA, byB] = [a.scale - scale, b.scale - scale]
  let positive = [...indexed(a.positive, byA), ...indexed(b.positive, byB)]
  let negative = [...indexed(a.negative, byA), ...indexed(b.negative, byB)]
  while (spanOf(positive) > MAX_BUCKETS || spanOf(negative) > MAX_BUCKETS) {
    scale -= 1
    positive = positive.map(halved)
    negative = negative.map(halved)
  }
  const [positiveOffset, positiveCounts] = dense(positive)
  const [negativeOffset, negativeCounts] = dense(negative)
  row.length = COUNTS
  row.push(a.zeroCount + b.zeroCount, scale, positiveOffset, positiveCounts.length, negativeOffset)
  row.push(...positiveCounts, ...negativeCounts)
}

type Bucket = readonly [index: number, count: number]

/** The buckets of one side of an exponential histogram. */
interface SideBuckets {
  readonly offset: number
  readonly bucketCounts: readonly number[]
}

/** Returns the buckets that are not empty, by their index at a scale that is coarser by `by`. */
function indexed({ offset, bucketCounts }: SideBuckets, by: number): Bucket[] {
  // Not `>>`, which takes the distance modulo 32.
  const buckets = bucketCounts.map((count, i): Bucket => [Math.floor((offset + i) / 2 ** by), count])
  return buckets.filter(([, count]) => count > 0)
}

function halved([index, count]: Bucket): Bucket {
  return [Math.floor(index / 2), count]
}

function spanOf(buckets: readonly Bucket[]): number {
  if (buckets.length === 0) return 0
  const indexes = buckets.map(([index]) => index)
  return Math.max(...indexes) - Math.min(...indexes) + 1
}

function dense(buckets: readonly Bucket[]): [offset: number, counts: number[]] {
  if (buckets.length === 0) return [0, []]
  const offset = Math.min(...buckets.map(([index]) => index))
  const counts = Array.from({ length: spanOf(buckets) }, () => 0)
  for (const [index, count] of buckets) {
    const at = index - offset
    counts[at] = (counts[at] ?? 0) + count
  }
  return [offset, counts]
}

function mergeHead(row: number[], other: readonly number[]): void {
  mergeSum(row, other)
  const min = other[MIN] ?? NaN
  const max = other[MAX] ?? NaN
  if (isBeyond('min', min, row[MIN] ?? NaN)) row[MIN] = min
  if (isBeyond('max', max, row[MAX] ?? NaN)) row[MAX] = max
}

function mergeTimes(row: number[], other: readonly number[]): void {
  row[START_MS] = Math.min(row[START_MS] ?? 0, other[START_MS] ?? 0)
  row[END_MS] = Math.max(row[END_MS] ?? 0, other[END_MS] ?? 0)
}

/** Returns whether a value replaces a minimum or maximum. NaN stands for "unknown" and is always replaced. */
function isBeyond(rule: 'min' | 'max', value: number, than: number): boolean {
  if (Number.isNaN(than)) return !Number.isNaN(value)
  return rule === 'min' ? value < than : value > than
}

/** Returns whether a gauge was read later, or was read at the same time and is greater. */
function isLater(row: readonly number[], than: readonly number[]): boolean {
  const difference = (row[END_MS] ?? 0) - (than[END_MS] ?? 0)
  if (difference !== 0) return difference > 0
  return isBeyond('max', row[VALUE] ?? NaN, than[VALUE] ?? NaN)
}
