import type { Collector, Instrument } from './sdk-internals.ts'

/**
 * Returns the limit of series of an instrument. A view without a limit gets that of the readers, which the SDK would
 * ignore.
 */
export function limitOf(
  { type }: Instrument,
  collectors: readonly Collector[],
  limit: number | undefined,
): number | undefined {
  if (limit !== undefined || collectors.length === 0) return limit
  return Math.min(...collectors.map((collector) => collector.selectCardinalityLimit(type)))
}
