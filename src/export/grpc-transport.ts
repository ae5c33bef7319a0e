import type { OtlpSettings, Signal } from '../settings/settings.ts'
import type { GrpcAnswer } from './grpc-call.ts'
import { GrpcClient } from './grpc-client.ts'
import type { FailureName } from './grpc-status.ts'
import { withoutOpensslTrace } from './openssl-reason.ts'
import { partialSuccessOf } from './partial-success.ts'
import { retryDelayOf } from './retry-info.ts'
import { type Attempt, GRPC_METHOD, type Transport } from './transport.ts'

/** OTLP specification, "OTLP/gRPC response": RESOURCE_EXHAUSTED is retryable only when the server names a delay. */
const RETRYABLE: ReadonlySet<FailureName> = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** Sends batches over OTLP/gRPC. */
export class GrpcTransport implements Transport {
  readonly #settings: OtlpSettings
  readonly #method: string
  readonly #client: GrpcClient

  constructor(signal: Signal, settings: OtlpSettings) {
    this.#settings = settings
    this.#method = GRPC_METHOD[signal]
    this.#client = new GrpcClient(settings)
  }

  prepare(): void {
    this.#client.connect()
  }

  async send(message: Uint8Array, timeoutMs: number): Promise<Attempt> {
    const { headers, compression } = this.#settings
    const request = { method: this.#method, message, metadata: headers, compression, timeoutMs }
    return attemptOf(await this.#client.call(request))
  }
}

/** How grpc-go, grpc-java, grpc-js and the C core word it. */
const TOO_LARGE = /larger than max|exceeds maximum|too large|message size/i

function attemptOf(answer: GrpcAnswer): Attempt {
  if (answer.status === 'OK') {
    const { message, isWritten = false } = answer
    return { status: 'success', partial: partialSuccessOf(message), isWritten }
  }
  const { status, details } = answer
  const reason = `${status}: ${withoutOpensslTrace(answer.reason)}`
  const retryAfterMs = retryDelayOf(details)
  const isRetryable = RETRYABLE.has(status) || (status === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined)
  if (!isRetryable) return { status: 'failure', reason, tooLarge: isTooLarge(status, reason) }
  return { status: 'retryable', reason, retryAfterMs, refused: /ECONNREFUSED|ENOTFOUND|ENOENT/.test(reason) }
}

function isTooLarge(status: FailureName, reason: string): boolean {
  return (status === 'RESOURCE_EXHAUSTED' && TOO_LARGE.test(reason)) || reason.includes(': HTTP 413')
}
