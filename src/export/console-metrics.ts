import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { AggregationTemporality, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { print } from '../base/diag.ts'

/** `OTEL_METRICS_EXPORTER=console`: prints one line per metric to stderr. */
export class ConsoleMetricExporter implements PushMetricExporter {
  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    for (const { descriptor, dataPoints } of metrics.scopeMetrics.flatMap((scope) => scope.metrics)) {
      print('metric', {
        name: descriptor.name,
        unit: descriptor.unit,
        points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      })
    }
    done({ code: ExportResultCode.SUCCESS })
  }

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.CUMULATIVE
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
