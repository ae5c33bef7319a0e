import { load } from '../chunks.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import type { Transport } from './transport.ts'

/** Only the one that is used is loaded. */
export function transportFor(signal: Signal, settings: OtlpSettings): Transport {
  return settings.protocol === 'grpc'
    ? new (load('grpc-transport').GrpcTransport)(signal, settings)
    : new (load('http-transport').HttpTransport)(settings)
}
