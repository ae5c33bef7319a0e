import type { TextMapPropagator } from '@opentelemetry/api'
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'

/**
 * The propagators `b3`, `b3multi` and `xray` of `OTEL_PROPAGATORS`, in a chunk of their own: most services use only
 * W3C's.
 */
export const VENDOR_PROPAGATORS: Readonly<Record<'b3' | 'b3multi' | 'xray', () => TextMapPropagator>> = {
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  xray: () => new AWSXRayPropagator(),
}
