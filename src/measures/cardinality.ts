/** Series that each instrument has had, in any collection so far. */
const known = new WeakMap<object, Set<string>>()

/**
 * Whether an instrument may have one more series. The SDK counts those of one collection alone, while a cumulative reader
 * keeps them all: with new values in each, a metric would grow for ever (`scripts/build.ts` has the SDK ask here instead).
 */
export function admits(instrument: object, series: string, limit: number): boolean {
  let all = known.get(instrument)
  if (all === undefined) known.set(instrument, (all = new Set()))
  if (all.has(series)) return true
  if (all.size >= limit) return false
  all.add(series)
  return true
}
