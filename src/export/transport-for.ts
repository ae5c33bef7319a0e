import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { redactorOfSent } from './redact-sent.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import type { Attempt, Transport } from './transport.ts'

/**
 * Creates the transport of the configured protocol, which loads the modules it needs. Credentials are removed from what
 * a peer answers.
 */
export function transportFor(signal: Signal, settings: OtlpSettings): Transport {
  const transport: Transport =
    settings.protocol === 'grpc' ? new GrpcTransport(signal, settings) : new HttpTransport(settings)
  const clean = redactorOfSent(settings)
  return {
    prepare: () => transport.prepare?.(),
    send: async (body, timeoutMs) => cleaned(await transport.send(body, timeoutMs), clean),
  }
}

function cleaned(attempt: Attempt, clean: (text: string) => string): Attempt {
  if (attempt.status !== 'success') return { ...attempt, reason: clean(attempt.reason) }
  const { partial } = attempt
  return partial === undefined ? attempt : { ...attempt, partial: { ...partial, message: clean(partial.message) } }
}
