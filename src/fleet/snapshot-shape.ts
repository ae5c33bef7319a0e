import type { Kind, SnapshotMetric } from '../aggregation/snapshot.ts'
import { COUNTS, END_MS, START_MS } from '../aggregation/rows.ts'

const MAX_BUCKETS = 10_000
/** The scales that can map a double: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponential-scale */
const MAX_SCALE = 20
const MIN_SCALE = -10
const MAX_OFFSET = 2 ** 31
/** Length of the head of an exponential histogram: scale, offsets and the number of positive buckets. */
const EXPONENTIAL_HEAD = 5
const SCALAR_LENGTH = 4
/** The latest time of a `Date`. */
const MAX_TIME_MS = 8.64e15

/**
 * Returns whether a value from a socket or a file has the shape that merging and the exposition rely on: one malformed
 * metric would crash the process or break every scrape. Times, bucket counts, boundaries, scales and offsets, on which
 * loops and allocations depend, must be in range; measured values may be any number.
 */
export function isSnapshotMetric(value: unknown): value is SnapshotMetric {
  if (!isObject(value)) return false
  const { scope, descriptor, kind, isObserved, boundaries, keys, rows, exemplars } = value
  return (
    isScope(scope) &&
    isDescriptor(descriptor) &&
    typeof isObserved === 'boolean' &&
    isBoundaries(boundaries) &&
    isArrayOf(keys, isText) &&
    isArrayOf(rows, (row) => isRow(kind, row, boundaries.length)) &&
    rows.length === keys.length &&
    (exemplars === undefined || (isArrayOf(exemplars, isExemplars) && exemplars.length === keys.length))
  )
}

function isScope(value: unknown): boolean {
  return isObject(value) && isText(value['name']) && isTextOrNone(value['version']) && isTextOrNone(value['schemaUrl'])
}

function isDescriptor(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['name']) &&
    isText(value['description']) &&
    isText(value['unit']) &&
    typeof value['valueType'] === 'number'
  )
}

/** Buckets out of order would make the exposition invalid. */
function isBoundaries(value: unknown): value is number[] {
  if (!isArrayOf(value, Number.isFinite) || value.length > MAX_BUCKETS) return false
  return value.every((bound, i) => i === 0 || (bound as number) >= (value[i - 1] as number))
}

function isRow(kind: unknown, row: unknown, boundaries: number): boolean {
  if (!isArrayOf(row, (each) => typeof each === 'number') || !isTime(row[START_MS]) || !isTime(row[END_MS]))
    return false
  switch (kind as Kind) {
    case 'counter':
    case 'up-down':
    case 'gauge':
      return row.length === SCALAR_LENGTH
    case 'histogram':
      return row.length === COUNTS + boundaries + 1 && row.slice(COUNTS).every(isCount)
    case 'exponential':
      return isExponential(row as number[])
    default:
      return false
  }
}

function isExponential(row: readonly number[]): boolean {
  const [zeroCount, scale = NaN, positiveOffset = NaN, positives = NaN, negativeOffset = NaN] = row.slice(COUNTS)
  const buckets = row.length - COUNTS - EXPONENTIAL_HEAD
  return (
    buckets >= 0 &&
    buckets <= MAX_BUCKETS &&
    isCount(zeroCount) &&
    row.slice(COUNTS + EXPONENTIAL_HEAD).every(isCount) &&
    isWithin(scale, MIN_SCALE, MAX_SCALE) &&
    isWithin(positives, 0, buckets) &&
    isWithin(positiveOffset, -MAX_OFFSET, MAX_OFFSET) &&
    isWithin(negativeOffset, -MAX_OFFSET, MAX_OFFSET)
  )
}

function isExemplars(value: unknown): boolean {
  return value === undefined || isArrayOf(value, isExemplar)
}

function isExemplar(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['value'] === 'number' &&
    isTime(value['timestampMs']) &&
    isTextOrNone(value['traceId']) &&
    isTextOrNone(value['spanId']) &&
    (value['filteredAttributes'] === undefined || isObject(value['filteredAttributes']))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns whether a value is an array whose items, including holes (which read as undefined), pass the check. */
function isArrayOf(value: unknown, isOne: (each: unknown) => boolean): value is unknown[] {
  if (!Array.isArray(value)) return false
  for (let at = 0; at < value.length; at++) if (!isOne(value[at])) return false
  return true
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME_MS
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
