import type { MetricsSettings } from '../settings/settings.ts'

/** Metrics settings that only a configuration file can express. */
export type DeclaredMetrics = Pick<MetricsSettings, 'views' | 'seriesLimits'>

export const NO_DECLARED_METRICS: DeclaredMetrics = { views: [], seriesLimits: { sidePort: {}, push: {} } }
