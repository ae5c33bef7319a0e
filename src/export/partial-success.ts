import { fieldOf, fields } from './protobuf-fields.ts'

/** A collector's remarks on a batch that it accepted: the number of rejected items, and the reason or a warning. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

/**
 * Parses the `partial_success` of an `Export*ServiceResponse`, which has the same shape for the three signals
 * (opentelemetry-proto, collector/*_service.proto). Returns undefined when there is none, and when the response is
 * malformed: the collector accepted the batch all the same.
 */
export function partialSuccessOf(response: Uint8Array): PartialSuccess | undefined {
  try {
    const partial = fields(fieldOf(fields(response), 1).bytes)
    return nonEmpty(fieldOf(partial, 1).number, Buffer.from(fieldOf(partial, 2).bytes).toString())
  } catch {
    return undefined
  }
}

/**
 * Parses the partial success of an OTLP/JSON response, where int64 is a string and each signal names its count
 * differently.
 */
export function partialSuccessOfJson(response: string): PartialSuccess | undefined {
  try {
    const { partialSuccess } = JSON.parse(response) as { partialSuccess?: Record<string, unknown> }
    if (partialSuccess === undefined || partialSuccess === null) return undefined
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess
    const rejected = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0)
    return nonEmpty(rejected, typeof errorMessage === 'string' ? errorMessage : '')
  } catch {
    return undefined
  }
}

function nonEmpty(rejected: number, message: string): PartialSuccess | undefined {
  const count = Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0
  return count === 0 && message === '' ? undefined : { rejected: count, message }
}
