import type { HistogramAggregation, MetricsSettings } from '../settings/settings.ts'

/** Who reads metrics, as far as it matters to worker threads. */
export type MetricsExporter = MetricsSettings['exporters'][number]

/** How histograms come to this exporter. */
export function histogramsFor(exporter: MetricsExporter, settings: MetricsSettings): HistogramAggregation {
  if (exporter === 'prometheus') return settings.prometheusHistogramAggregation
  return exporter === 'otlp' ? settings.histogramAggregation : 'explicit_bucket_histogram'
}

/** A thread keeps its metrics once, or twice where two exporters want different histograms. */
export function histogramsOf(settings: MetricsSettings): HistogramAggregation[] {
  return [...new Set(settings.exporters.map((exporter) => histogramsFor(exporter, settings)))]
}
