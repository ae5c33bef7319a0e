import { type Meter, metrics, trace } from '@opentelemetry/api'
import { load } from './chunks.ts'
import type { MeasuresOf } from '../hooks/instrumentations.ts'

/** Instrumentations that are given more to measure by `measures.ts`, which is loaded with the first of them. */
export const MEASURED: ReadonlySet<string> = new Set([
  'aws-sdk',
  'cassandra-driver',
  'generic-pool',
  'ioredis',
  'knex',
  'memcached',
  'mongodb',
  'mongoose',
  'mysql',
  'mysql2',
  'pg',
  'redis',
  'tedious',
])

/** `meter`: undefined where nobody reads metrics. */
export function measuresWith(meter: Meter | undefined): MeasuresOf {
  return (name, options, isActive) => {
    if (name === 'http') {
      return {
        options: { isActive },
        tracerProvider: trace.getTracerProvider(),
        meterProvider: metrics.getMeterProvider(),
      }
    }
    if (meter === undefined || !MEASURED.has(name)) return undefined
    return load<typeof import('../instrumentation/clients/measures.ts')>('measures').measuresOf(
      name,
      options,
      meter,
      isActive,
    )
  }
}
