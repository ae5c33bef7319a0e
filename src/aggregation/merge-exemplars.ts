import type { Exemplar } from './exemplar.ts'

/** Returns the latest exemplar of each bucket, as many as one process keeps. */
export function latestOfEachBucket(
  exemplars: readonly Exemplar[] | undefined,
  boundaries: readonly number[],
): readonly Exemplar[] | undefined {
  if (exemplars === undefined) return undefined
  const byBucket = new Map<number, Exemplar>()
  for (const exemplar of exemplars) {
    const bucket = boundaries.findIndex((boundary) => exemplar.value <= boundary)
    const known = byBucket.get(bucket)
    if (known === undefined || isLater(exemplar, known)) byBucket.set(bucket, exemplar)
  }
  return [...byBucket.values()]
}

/** A tie in time is resolved by the values, so that it does not depend on which process answers first. */
function isLater(exemplar: Exemplar, than: Exemplar): boolean {
  if (exemplar.timestampMs !== than.timestampMs) return exemplar.timestampMs > than.timestampMs
  if (exemplar.value !== than.value) return exemplar.value > than.value
  return `${exemplar.traceId}${exemplar.spanId}` > `${than.traceId}${than.spanId}`
}
