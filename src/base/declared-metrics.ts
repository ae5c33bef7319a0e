import type { MetricsSettings } from '../settings/settings.ts'

/** What a configuration file says of metrics and no variable can. */
export type DeclaredMetrics = Pick<MetricsSettings, 'views' | 'seriesLimits'>

export const NO_DECLARED_METRICS: DeclaredMetrics = { views: [], seriesLimits: { sidePort: {}, push: {} } }
