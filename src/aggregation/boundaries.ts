import { COUNTS } from './rows.ts'

/** Returns the boundaries that two histograms share. Buckets can be merged exactly, but not divided. */
export function commonBoundaries(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b || sameBoundaries(a, b)) return a
  const others = new Set(b)
  return a.filter((boundary) => others.has(boundary))
}

export function sameBoundaries(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((boundary, i) => boundary === b[i])
}

/** Returns the row of a histogram after its buckets are merged to `to`, a subset of its boundaries. */
export function rebucketed(row: readonly number[], from: readonly number[], to: readonly number[]): number[] {
  const head = row.slice(0, COUNTS)
  const counts = Array.from({ length: to.length + 1 }, () => 0)
  let target = 0
  for (let i = 0; i <= from.length; i++) {
    const upper = from[i] ?? Infinity
    while (target < to.length && upper > (to[target] ?? Infinity)) target += 1
    counts[target] = (counts[target] ?? 0) + (row[COUNTS + i] ?? 0)
  }
  return [...head, ...counts]
}
