import type { InstrumentType } from '@opentelemetry/sdk-metrics'
import type { InstrumentKind, SeriesLimits } from '../settings/settings.ts'

/**
 * The default of the specification and the SDK: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#configuration-2
 */
export const DEFAULT_SERIES_LIMIT = 2000

/** Returns the limit of series of a metric, including the overflow series. */
export function seriesLimit(limits: SeriesLimits, type: InstrumentType): number {
  return limits[type.toLowerCase() as InstrumentKind] ?? limits.default ?? DEFAULT_SERIES_LIMIT
}
