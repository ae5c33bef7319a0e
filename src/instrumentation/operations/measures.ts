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

interface Measures {
  readonly options: Readonly<Record<string, unknown>>
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

let operations: DatabaseOperations | undefined
let pools: Pools | undefined

/**
 * `options`: what the user set of the instrumentation's; `meter`: undefined where nobody reads metrics; `isActive`: whether another
 * instrumentation watches its package in this process.
 */
export function measuresOf(
  { operations: spans, pools: readers = [], defaults = {} }: Client,
  options: { readonly requireParentSpan?: boolean },
  meter: Meter | undefined,
  isActive: (name: string) => boolean,
): Measures {
  if (meter !== undefined) for (const reader of readers) hookPools(reader, (pools ??= new Pools(meter)))
  const all = metrics.getMeterProvider()
  const meterProvider = readers.length === 0 ? all : withoutConnections(all)
  const added = Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in options)))
  if (spans === undefined) return { options: added, tracerProvider: trace.getTracerProvider(), meterProvider }
  operations ??= new DatabaseOperations(meter ?? createNoopMeter())
  const { requireParentSpan = spans.requiresParentSpan } = options
  return {
    // Which operations have a span is decided behind the measurement: the metric counts all.
    options: requireParentSpan === undefined ? added : { ...added, requireParentSpan: false },
    tracerProvider: operations.measuring(trace.getTracerProvider(), {
      client: spans,
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
