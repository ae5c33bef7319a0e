import { type Meter, metrics, trace } from '@opentelemetry/api'
import { load } from './chunks.ts'
import type { OperationMetricsOf } from '../hooks/instrumentations.ts'

/**
 * Returns the function that provides the measurements of an instrumentation. `meter` is undefined when metrics are off.
 * The chunk `operation-metrics` is loaded with the first client that has a descriptor.
 */
export function operationMetricsWith(meter: Meter | undefined): OperationMetricsOf {
  return (name, client, options, isActive) => {
    if (name === 'http') {
      return {
        options: {},
        tracerProvider: trace.getTracerProvider(),
        meterProvider: metrics.getMeterProvider(),
      }
    }
    return client === undefined
      ? undefined
      : load<typeof import('../instrumentation/operations/operation-metrics.ts')>(
          'operation-metrics',
        ).operationMetricsOf(client, options, meter, isActive)
  }
}
