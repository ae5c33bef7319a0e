import { type Meter, trace, type TracerProvider } from '@opentelemetry/api'
import { CLIENTS } from './clients.ts'
import { DatabaseOperations } from './database.ts'

interface Measures {
  readonly options: { readonly requireParentSpan?: boolean }
  readonly tracerProvider: TracerProvider
}

let operations: DatabaseOperations | undefined

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
  const client = CLIENTS[name]
  if (client === undefined) return undefined
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
  }
}
