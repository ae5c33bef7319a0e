import type { Collector, Instrument } from './sdk-internals.ts'

/** A view without a limit of its own has that of the readers; the SDK's would have none of theirs. */
export function limitOf(
  { type }: Instrument,
  collectors: readonly Collector[],
  limit: number | undefined,
): number | undefined {
  if (limit !== undefined || collectors.length === 0) return limit
  return Math.min(...collectors.map((collector) => collector.selectCardinalityLimit(type)))
}
