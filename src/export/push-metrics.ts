import type { ExportResult } from '@opentelemetry/core'
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  type IMetricReader,
  type InstrumentType,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { reasonOf, warn } from '../base/diag.ts'
import type { MetricsSettings, SeriesLimits } from '../settings/settings.ts'
import { collectNow } from '../sdk/collect-now.ts'
import { giveWay } from '../sdk/collect-sliced.ts'
import { ConsoleMetricExporter } from './console-metrics.ts'
import type { ExportClient } from './worker-export-client.ts'
import { SerializingMetricExporter } from './metric-exporter.ts'
import type { Flush } from './processors.ts'

/** A push reader that can be drained at the end of the process. */
export interface PushReader {
  readonly name: 'otlp' | 'console'
  readonly reader: IMetricReader
  /** Collects and exports synchronously. */
  drain(): void
  /** Adds the metrics of worker threads to each further push. */
  joinWith(joining: JoinPushed): void
}

/** Merges the metrics of worker threads into those of the main thread. */
export interface JoinPushed {
  join(own: ResourceMetrics): Promise<ResourceMetrics>
  /** Merges the latest known values. Called at the end of the process. */
  joinNow(own: ResourceMetrics): ResourceMetrics
}

/** Creates the push readers. They are a separate chunk, since only the side port is on by default. */
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
  const reader = new PeriodicReader({
    exporter: joining,
    exportIntervalMillis: exportIntervalMs,
    // 0 means "no limit" in the specification but is an error to the SDK.
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

/**
 * The SDK's reader, except that a callback loses its own metric only, whatever it throws: the SDK reads the `name` of
 * what was thrown, and loses the whole interval when that fails.
 */
class PeriodicReader extends PeriodicExportingMetricReader {
  #hadErrors = false

  override setMetricProducer(producer: MetricProducer): void {
    giveWay(producer)
    super.setMetricProducer(producer)
  }

  /** Logs the first error until a collection succeeds; the SDK would log all of them each time. */
  override async collect(...options: Parameters<PeriodicExportingMetricReader['collect']>): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(...options)
    if (errors.length > 0 && !this.#hadErrors) {
      warn(`could not collect some metrics, which are missing from exports: ${reasonOf(errors[0])}`)
    }
    this.#hadErrors = errors.length > 0
    return { resourceMetrics, errors: [] }
  }
}

/** An exporter that merges the metrics of worker threads in before it exports. */
class JoiningExporter implements PushMetricExporter {
  readonly #exporter: PushMetricExporter
  #joining: JoinPushed | undefined
  /** Metrics that are collected and wait for those of the worker threads. */
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
      warn(`metrics of worker threads could not be collected (${reasonOf(thrown)}); pushing without them`)
      return own
    })
    // The end of the process has exported them already.
    if (!this.#waiting.delete(own)) return
    this.#exporter.export(all, done)
  }
}

/** Converts the names of the limits to the SDK's spelling. */
function pushLimits(limits: SeriesLimits): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(limits).map(([kind, limit]) => [
      kind.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      limit,
    ]),
  )
}
