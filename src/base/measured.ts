import { type Meter, metrics, trace } from '@opentelemetry/api'
import { load } from './chunks.ts'
import type { MeasuresOf } from '../hooks/instrumentations.ts'

/**
 * Returns what measures a client's operations. `meter` is undefined when metrics are off. `measures.ts` is loaded with
 * the first client that has a descriptor.
 */
export function measuresWith(meter: Meter | undefined): MeasuresOf {
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
      : load<typeof import('../instrumentation/operations/measures.ts')>('measures').measuresOf(
          client,
          options,
          meter,
          isActive,
        )
  }
}
