import type { HistogramAggregation, MetricsSettings } from '../settings/settings.ts'

/** The exporters that metrics go to. */
export type MetricsExporter = MetricsSettings['exporters'][number]

/** Returns the kind of histograms that an exporter gets. */
export function histogramsFor(exporter: MetricsExporter, settings: MetricsSettings): HistogramAggregation {
  if (exporter === 'prometheus') return settings.prometheusHistogramAggregation
  return exporter === 'otlp' ? settings.histogramAggregation : 'explicit_bucket_histogram'
}

/**
 * Returns the kinds of histograms that a thread has to aggregate: one, or two when two exporters want different ones.
 */
export function histogramsOf(settings: MetricsSettings): HistogramAggregation[] {
  return [...new Set(settings.exporters.map((exporter) => histogramsFor(exporter, settings)))]
}
