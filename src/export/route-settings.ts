import type { OtlpSettings, Settings } from '../settings/settings.ts'
import type { Route, SettingsByRoute } from './worker-messages.ts'

/** Returns the settings of each route that is exported to. */
export function settingsByRouteOf({ traces, metrics, logs }: Settings): SettingsByRoute {
  const settingsByRoute: Partial<Record<Route, OtlpSettings>> = {}
  const { exportTimeoutMs } = traces.batch
  if (traces.exporters.includes('otlp')) settingsByRoute.traces = within(exportTimeoutMs, traces.otlp)
  if (traces.exporters.includes('zipkin')) settingsByRoute.zipkin = within(exportTimeoutMs, traces.zipkin)
  if (metrics.exporters.includes('otlp')) settingsByRoute.metrics = within(metrics.exportTimeoutMs, metrics.otlp)
  if (logs.exporters.includes('otlp')) settingsByRoute.logs = within(logs.batch.exportTimeoutMs, logs.otlp)
  return settingsByRoute
}

/** Both the processor and the exporter have a timeout; the shorter applies, and 0 means none. */
function within(exportTimeoutMs: number, otlp: OtlpSettings): OtlpSettings {
  if (exportTimeoutMs === 0 || (otlp.timeoutMs !== 0 && otlp.timeoutMs <= exportTimeoutMs)) return otlp
  return { ...otlp, timeoutMs: exportTimeoutMs }
}
