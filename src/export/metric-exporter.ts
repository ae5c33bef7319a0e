import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import type { MetricsSettings } from '../settings/settings.ts'
import type { ExportClient } from './worker-export-client.ts'
import type { Flush } from './processors.ts'

/** Serialises pushed metrics and hands them to the export worker. */
export class SerializingMetricExporter implements PushMetricExporter {
  readonly #exportClient: ExportClient
  readonly #settings: MetricsSettings
  readonly #flush: Flush

  constructor(exportClient: ExportClient, settings: MetricsSettings, flush: Flush) {
    this.#exportClient = exportClient
    this.#settings = settings
    this.#flush = flush
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const points = metrics.scopeMetrics.flatMap((scope) => scope.metrics).reduce((n, m) => n + m.dataPoints.length, 0)
    const body =
      points === 0
        ? undefined
        : load<typeof import('./serialize.ts')>('serialize').serializeMetrics(this.#settings.otlp.protocol, metrics)
    if (body !== undefined) this.#exportClient.send('metrics', body, points)
    // The export worker counts and logs what becomes of the batch.
    done({ code: ExportResultCode.SUCCESS })
  }

  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return temporalityOf(this.#settings.temporality, instrument)
  }

  selectAggregation(instrument: InstrumentType): AggregationOption {
    const isExponential = this.#settings.histogramAggregation === 'base2_exponential_bucket_histogram'
    return {
      type:
        isExponential && instrument === InstrumentType.HISTOGRAM
          ? AggregationType.EXPONENTIAL_HISTOGRAM
          : AggregationType.DEFAULT,
    }
  }

  forceFlush(): Promise<void> {
    return this.#flush()
  }

  shutdown(): Promise<void> {
    return this.#flush()
  }
}

/**
 * Returns the temporality of an instrument. Source: OTLP metrics exporter specification,
 * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
 */
export function temporalityOf(
  preference: MetricsSettings['temporality'],
  instrument: InstrumentType,
): AggregationTemporality {
  const delta = DELTA[preference]
  return delta.has(instrument) ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
}

const SYNCHRONOUS = [InstrumentType.COUNTER, InstrumentType.HISTOGRAM, InstrumentType.GAUGE]
const DELTA: Readonly<Record<MetricsSettings['temporality'], ReadonlySet<InstrumentType>>> = {
  cumulative: new Set(),
  delta: new Set([...SYNCHRONOUS, InstrumentType.OBSERVABLE_COUNTER, InstrumentType.OBSERVABLE_GAUGE]),
  lowmemory: new Set(SYNCHRONOUS),
}
