import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import type { Transport } from './transport.ts'

/** Each loads the part of node that it needs when it is made. */
export function transportFor(signal: Signal, settings: OtlpSettings): Transport {
  return settings.protocol === 'grpc' ? new GrpcTransport(signal, settings) : new HttpTransport(settings)
}
