import { fieldOf, fields } from './protobuf.ts'

/** What a collector says of a batch that it took: how many items it rejected, and why or what it warns of. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

/**
 * The `partial_success` of an `Export*ServiceResponse`, which has the same shape for the three signals
 * (opentelemetry-proto, collector/*_service.proto). Undefined where all is well, and where the answer is no such message:
 * the collector took the batch, whatever it says about it.
 */
export function partialSuccessOf(response: Uint8Array): PartialSuccess | undefined {
  try {
    const partial = fields(fieldOf(fields(response), 1).bytes)
    return told(fieldOf(partial, 1).number, Buffer.from(fieldOf(partial, 2).bytes).toString())
  } catch {
    return undefined
  }
}

/** The same of an OTLP/JSON answer: int64 is a string there, and each signal has a name of its own for the count. */
export function partialSuccessOfJson(response: string): PartialSuccess | undefined {
  try {
    const { partialSuccess } = JSON.parse(response) as { partialSuccess?: Record<string, unknown> }
    if (partialSuccess === undefined || partialSuccess === null) return undefined
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess
    const rejected = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0)
    return told(rejected, typeof errorMessage === 'string' ? errorMessage : '')
  } catch {
    return undefined
  }
}

function told(rejected: number, message: string): PartialSuccess | undefined {
  const count = Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0
  return count === 0 && message === '' ? undefined : { rejected: count, message }
}
