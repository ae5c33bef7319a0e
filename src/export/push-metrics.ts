import { type IMetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { MetricsSettings } from '../settings/settings.ts'
import { ConsoleMetricExporter } from './console-metrics.ts'
import type { Courier } from './courier.ts'
import { CourierMetricExporter } from './metrics.ts'
import type { Flush } from './processors.ts'

/** The readers that push: a chunk of its own, since the side port alone is the default. */
export function pushReaders(settings: MetricsSettings, courier: Courier, flush: Flush): IMetricReader[] {
  const { exporters, exportIntervalMs, exportTimeoutMs } = settings
  return [
    ...(exporters.includes('otlp') ? [new CourierMetricExporter(courier, settings, flush)] : []),
    ...(exporters.includes('console') ? [new ConsoleMetricExporter()] : []),
  ].map(
    (exporter) =>
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: exportIntervalMs,
        // 0 is "no limit" to the specification and an error to the SDK.
        exportTimeoutMillis: exportTimeoutMs === 0 ? exportIntervalMs : Math.min(exportTimeoutMs, exportIntervalMs),
      }),
  )
}
