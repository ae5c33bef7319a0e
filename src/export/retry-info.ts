import { fieldOf, fields } from './protobuf-fields.ts'

const RETRY_INFO = 'google.rpc.RetryInfo'

/**
 * Returns the delay in milliseconds of a `google.rpc.RetryInfo` in `grpc-status-details-bin`; undefined when there is
 * none. Decodes `google.rpc.Status.details` (field 3) → `google.protobuf.Any.value` (2) → `RetryInfo.retry_delay` (1) →
 * `Duration`.
 */
export function retryDelayOf(details: Uint8Array | undefined): number | undefined {
  if (details === undefined) return undefined
  try {
    for (const any of fields(details).filter(({ field }) => field === 3)) {
      const parts = fields(any.bytes)
      if (!Buffer.from(fieldOf(parts, 1).bytes).toString().endsWith(RETRY_INFO)) continue
      const delay = fields(fieldOf(parts, 2).bytes).find(({ field }) => field === 1)
      // A missing delay is not a delay of 0.
      if (delay === undefined) continue
      const duration = fields(delay.bytes)
      return fieldOf(duration, 1).number * 1000 + fieldOf(duration, 2).number / 1e6
    }
  } catch {
    // Malformed details are ignored.
  }
  return undefined
}
