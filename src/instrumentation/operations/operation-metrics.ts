import {
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import type { Client } from './client.ts'
import { DatabaseOperations } from './database.ts'
import { hookPools } from '../pools/pool-hooks.ts'
import { Pools } from '../pools/pools.ts'

interface OperationMetrics {
  readonly options: Readonly<Record<string, unknown>>
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

let operations: DatabaseOperations | undefined
let pools: Pools | undefined

/**
 * `options` are the instrumentation's options set by the user. `meter` is undefined if no metrics are read. `isActive`
 * returns whether another instrumentation is active in this process.
 */
export function operationMetricsOf(
  { operations: spans, pools: readers = [], defaults = {} }: Client,
  options: { readonly requireParentSpan?: boolean },
  meter: Meter | undefined,
  isActive: (name: string) => boolean,
): OperationMetrics {
  if (meter !== undefined) for (const reader of readers) hookPools(reader, (pools ??= new Pools(meter)))
  const all = metrics.getMeterProvider()
  const meterProvider = readers.length === 0 ? all : withoutConnections(all)
  const added = Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in options)))
  if (spans === undefined) return { options: added, tracerProvider: trace.getTracerProvider(), meterProvider }
  operations ??= new DatabaseOperations(meter ?? createNoopMeter())
  const { requireParentSpan = spans.requiresParentSpan } = options
  return {
    // Every operation is measured. The check for a parent span comes after that.
    options: requireParentSpan === undefined ? added : { ...added, requireParentSpan: false },
    tracerProvider: operations.observe(trace.getTracerProvider(), {
      client: spans,
      requiresParentSpan: requireParentSpan === true,
      isActive,
    }),
    meterProvider,
  }
}

/**
 * The connection metrics of the instrumentations are wrong: mongodb's counts sessions, mysql's misses connections that
 * end, and pg's those that are released.
 */
function withoutConnections(provider: MeterProvider): MeterProvider {
  return {
    getMeter(...args) {
      const meter = provider.getMeter(...args)
      return Object.assign(Object.create(meter) as Meter, {
        createUpDownCounter: (...about: Parameters<Meter['createUpDownCounter']>) =>
          (about[0].startsWith('db.client.connection.') ? createNoopMeter() : meter).createUpDownCounter(...about),
      })
    },
  }
}
