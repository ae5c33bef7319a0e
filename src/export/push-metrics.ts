import { type IMetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { MetricsSettings, SeriesLimits } from '../settings/settings.ts'
import { collectNow } from '../collect-now.ts'
import { ConsoleMetricExporter } from './console-metrics.ts'
import type { Courier } from './courier.ts'
import { CourierMetricExporter } from './metrics.ts'
import type { Flush } from './processors.ts'

/** A reader that pushes, and that an end of the process can drain. */
export interface PushReader {
  readonly reader: IMetricReader
  /** Collects and exports, synchronously. */
  drain(): void
}

/** The readers that push: a chunk of its own, since the side port alone is the default. */
export function pushReaders(settings: MetricsSettings, courier: Courier, flush: Flush): PushReader[] {
  const { exporters } = settings
  return [
    ...(exporters.includes('otlp') ? [pushReader(new CourierMetricExporter(courier, settings, flush), settings)] : []),
    ...(exporters.includes('console') ? [pushReader(new ConsoleMetricExporter(), settings)] : []),
  ]
}

function pushReader(exporter: PushMetricExporter, settings: MetricsSettings): PushReader {
  const { exportIntervalMs, exportTimeoutMs } = settings
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: exportIntervalMs,
    // 0 is "no limit" to the specification and an error to the SDK.
    cardinalityLimits: pushLimits(settings.seriesLimits.push),
    exportTimeoutMillis: exportTimeoutMs === 0 ? exportIntervalMs : Math.min(exportTimeoutMs, exportIntervalMs),
  })
  return { reader, drain: () => exporter.export(collectNow(reader), () => {}) }
}

/** In the SDK's spelling. */
function pushLimits(limits: SeriesLimits): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(limits).map(([kind, limit]) => [
      kind.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      limit,
    ]),
  )
}
