import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { AggregationType, InstrumentType } from '@opentelemetry/sdk-metrics'
import type { AggregationOption, CollectionResult, MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics'
import { collectNow } from '../sdk/collect-now.ts'
import type { HistogramAggregation, SeriesLimits } from '../settings/settings.ts'
import { seriesLimit } from '../aggregation/series-limit.ts'
import { giveWay } from '../sdk/collect-sliced.ts'

export interface PrometheusReader {
  /** For the meter provider. */
  readonly reader: MetricReader
  readonly collect: () => Promise<CollectionResult>
  readonly collectNow: () => CollectionResult
}

/** An asynchronous callback of the app that never settles loses its own metric and does not fail the scrape. */
const CALLBACK_TIMEOUT_MS = 2500
/** A resource detector that uses the network must not delay the first scrapes; `target_info` is in a later one. */
const RESOURCE_TIMEOUT_MS = 1000

/**
 * Creates the reader of OpenTelemetry's Prometheus exporter: cumulative, with default aggregations. Its server is not
 * used: it answers DELETE and failed collections with 200, is traced, and can block the shutdown.
 */
export function createPrometheusReader(
  histograms: HistogramAggregation = 'explicit_bucket_histogram',
  limits: SeriesLimits = {},
): PrometheusReader {
  const reader = new Reader(histograms, limits)
  return {
    reader,
    collect: async () => {
      const result = await reader.collect({ timeoutMillis: CALLBACK_TIMEOUT_MS })
      const { resource } = result.resourceMetrics
      // The resource's attributes must not be read earlier: they would be incomplete, and each access would log an
      // error.
      if (resource.asyncAttributesPending) await settled(resource.waitForAsyncAttributes?.())
      return result
    },
    collectNow: () => ({ errors: [], resourceMetrics: collectNow(reader) }),
  }
}

class Reader extends PrometheusExporter {
  readonly #isExponential: boolean
  readonly #limits: SeriesLimits

  constructor(histograms: HistogramAggregation, limits: SeriesLimits) {
    super({ preventServerStart: true })
    this.#limits = limits
    this.#isExponential = histograms === 'base2_exponential_bucket_histogram'
  }

  override selectAggregation(type: InstrumentType): AggregationOption {
    if (!this.#isExponential || type !== InstrumentType.HISTOGRAM) return super.selectAggregation(type)
    return { type: AggregationType.EXPONENTIAL_HISTOGRAM }
  }

  override selectCardinalityLimit(type: InstrumentType): number {
    return seriesLimit(this.#limits, type)
  }

  override setMetricProducer(producer: MetricProducer): void {
    giveWay(producer)
    super.setMetricProducer(producer)
  }
}

async function settled(pending: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, RESOURCE_TIMEOUT_MS)
  })
  try {
    await Promise.race([pending, timeout])
  } finally {
    clearTimeout(timer)
  }
}
