import type { TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import { load } from '../base/chunks.ts'

const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  xray: () => new AWSXRayPropagator(),
  jaeger: () => new (load<typeof import('./older-propagators.ts')>('older-propagators').JaegerPropagator)(),
  ottrace: () => new (load<typeof import('./older-propagators.ts')>('older-propagators').OtTracePropagator)(),
}

/** `OTEL_PROPAGATORS`; `none` gives one that carries nothing. */
export function createPropagator(names: readonly string[]): TextMapPropagator {
  return new CompositePropagator({ propagators: names.flatMap((name) => PROPAGATORS[name]?.() ?? []) })
}
