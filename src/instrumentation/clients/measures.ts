import {
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import { CLIENTS } from './clients.ts'
import { DatabaseOperations } from './database.ts'
import { hookPools } from './pool-hooks.ts'
import { POOLS } from './pool-readers.ts'
import { Pools } from './pools.ts'

interface Measures {
  readonly options: { readonly requireParentSpan?: boolean }
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

let operations: DatabaseOperations | undefined
let pools: Pools | undefined

/**
 * `options`: what the user set of the instrumentation's; `isActive`: whether another instrumentation watches its package in
 * this process. Undefined: there is nothing more to measure.
 */
export function measuresOf(
  name: string,
  options: { readonly requireParentSpan?: boolean },
  meter: Meter,
  isActive: (name: string) => boolean,
): Measures | undefined {
  const readers = POOLS[name] ?? []
  for (const reader of readers) hookPools(reader, (pools ??= new Pools(meter)))
  const all = metrics.getMeterProvider()
  const meterProvider = readers.length === 0 ? all : withoutConnections(all)
  const client = CLIENTS[name]
  if (client === undefined) {
    return readers.length === 0 ? undefined : { options: {}, tracerProvider: trace.getTracerProvider(), meterProvider }
  }
  operations ??= new DatabaseOperations(meter)
  const { requireParentSpan = client.requiresParentSpan } = options
  return {
    // Which operations have a span is decided behind the measurement: the metric counts all.
    options: requireParentSpan === undefined ? {} : { requireParentSpan: false },
    tracerProvider: operations.measuring(trace.getTracerProvider(), {
      client,
      requiresParentSpan: requireParentSpan === true,
      isActive,
    }),
    meterProvider,
  }
}

/**
 * What the instrumentations say of connections themselves is not so: mongodb's counts sessions, mysql's does not hear of connections
 * that end, pg's of those that are given back.
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
