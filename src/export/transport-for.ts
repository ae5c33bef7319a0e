import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { redactorOfSent } from './redact-sent.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import type { Attempt, Transport } from './transport.ts'

/** Each loads the part of node that it needs when it is made. What a peer says of an attempt has no credentials of ours in it. */
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
