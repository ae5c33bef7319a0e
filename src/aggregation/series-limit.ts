import type { InstrumentType } from '@opentelemetry/sdk-metrics'
import type { InstrumentKind, SeriesLimits } from '../settings/settings.ts'

/** The specification's, and the SDK's. https://opentelemetry.io/docs/specs/otel/metrics/sdk/#configuration-2 */
export const DEFAULT_SERIES_LIMIT = 2000

/** The most series of a metric, the overflow's included. */
export function seriesLimit(limits: SeriesLimits, type: InstrumentType): number {
  return limits[type.toLowerCase() as InstrumentKind] ?? limits.default ?? DEFAULT_SERIES_LIMIT
}
