import type { ExportResult } from '@opentelemetry/core'
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type IMetricReader,
  type InstrumentType,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { reasonOf, warn } from '../base/diag.ts'
import type { MetricsSettings, SeriesLimits } from '../settings/settings.ts'
import { collectNow } from '../sdk/collect-now.ts'
import { ConsoleMetricExporter } from './console-metrics.ts'
import type { ExportClient } from './worker-export-client.ts'
import { SerializingMetricExporter } from './metrics.ts'
import type { Flush } from './processors.ts'

/** A reader that pushes, and that an end of the process can drain. */
export interface PushReader {
  readonly name: 'otlp' | 'console'
  readonly reader: IMetricReader
  /** Collects and exports, synchronously. */
  drain(): void
  /** From now on what others measured is in each push. */
  joinWith(joining: JoinPushed): void
}

/** Adds what worker threads measured to what the main thread did. */
export interface JoinPushed {
  join(own: ResourceMetrics): Promise<ResourceMetrics>
  /** With what is known, at the end of the process. */
  joinNow(own: ResourceMetrics): ResourceMetrics
}

/** The readers that push: a chunk of its own, since the side port alone is the default. */
export function pushReaders(settings: MetricsSettings, exportClient: ExportClient, flush: Flush): PushReader[] {
  const { exporters } = settings
  return [
    ...(exporters.includes('otlp')
      ? [pushReader('otlp', new SerializingMetricExporter(exportClient, settings, flush), settings)]
      : []),
    ...(exporters.includes('console') ? [pushReader('console', new ConsoleMetricExporter(), settings)] : []),
  ]
}

function pushReader(name: PushReader['name'], inner: PushMetricExporter, settings: MetricsSettings): PushReader {
  const joining = new JoiningExporter(inner)
  const { exportIntervalMs, exportTimeoutMs } = settings
  const reader = new PeriodicExportingMetricReader({
    exporter: joining,
    exportIntervalMillis: exportIntervalMs,
    // 0 is "no limit" to the specification and an error to the SDK.
    cardinalityLimits: pushLimits(settings.seriesLimits.push),
    exportTimeoutMillis: exportTimeoutMs === 0 ? exportIntervalMs : Math.min(exportTimeoutMs, exportIntervalMs),
  })
  return {
    name,
    reader,
    drain: () => joining.exportNow(collectNow(reader)),
    joinWith: (others) => joining.joinWith(others),
  }
}

/** An exporter in front of which others' metrics join. */
class JoiningExporter implements PushMetricExporter {
  readonly #exporter: PushMetricExporter
  #joining: JoinPushed | undefined
  /** Collected, and waiting for the others. */
  readonly #waiting = new Set<ResourceMetrics>()

  constructor(exporter: PushMetricExporter) {
    this.#exporter = exporter
  }

  joinWith(joining: JoinPushed): void {
    this.#joining = joining
  }

  export(own: ResourceMetrics, done: (result: ExportResult) => void): void {
    if (this.#joining === undefined) this.#exporter.export(own, done)
    else void this.#exportJoined(own, this.#joining, done)
  }

  exportNow(own: ResourceMetrics): void {
    for (const waiting of this.#waiting) this.#exporter.export(waiting, () => {})
    this.#waiting.clear()
    this.#exporter.export(this.#joining?.joinNow(own) ?? own, () => {})
  }

  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return this.#exporter.selectAggregationTemporality?.(type) ?? AggregationTemporality.CUMULATIVE
  }

  selectAggregation(type: InstrumentType): AggregationOption {
    return this.#exporter.selectAggregation?.(type) ?? { type: AggregationType.DEFAULT }
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  async #exportJoined(own: ResourceMetrics, joining: JoinPushed, done: (result: ExportResult) => void): Promise<void> {
    this.#waiting.add(own)
    const all = await joining.join(own).catch((thrown: unknown) => {
      warn(`metrics of worker threads could not be pushed (${reasonOf(thrown)})`)
      return own
    })
    // The end of the process came first.
    if (!this.#waiting.delete(own)) return
    this.#exporter.export(all, done)
  }
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
