import type { TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { load } from '../base/chunks.ts'

const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => vendorPropagator('b3'),
  b3multi: () => vendorPropagator('b3multi'),
  xray: () => vendorPropagator('xray'),
  jaeger: () => new (load<typeof import('./older-propagators.ts')>('older-propagators').JaegerPropagator)(),
  ottrace: () => new (load<typeof import('./older-propagators.ts')>('older-propagators').OtTracePropagator)(),
}

function vendorPropagator(name: 'b3' | 'b3multi' | 'xray'): TextMapPropagator {
  return load<typeof import('./vendor-propagators.ts')>('vendor-propagators').VENDOR_PROPAGATORS[name]()
}

/** Creates the propagator of `OTEL_PROPAGATORS`; with `none` it propagates nothing. */
export function createPropagator(names: readonly string[]): TextMapPropagator {
  return new CompositePropagator({ propagators: names.flatMap((name) => PROPAGATORS[name]?.() ?? []) })
}
