import type { Metadata } from '@grpc/grpc-js'
import { fields } from './protobuf.ts'

const DETAILS = 'grpc-status-details-bin'
const RETRY_INFO = 'google.rpc.RetryInfo'

/**
 * The delay in milliseconds of a `google.rpc.RetryInfo` in the status details; undefined where there is none. Decodes
 * `google.rpc.Status.details` (field 3) → `google.protobuf.Any.value` (2) → `RetryInfo.retry_delay` (1) → `Duration`.
 */
export function retryDelayOf(metadata: Metadata | undefined): number | undefined {
  const details = metadata?.get(DETAILS)[0]
  if (!(details instanceof Uint8Array)) return undefined
  try {
    for (const any of fields(details).filter(({ field }) => field === 3)) {
      const parts = fields(any.bytes)
      const type = parts.find(({ field }) => field === 1)
      if (type === undefined || !Buffer.from(type.bytes).toString().endsWith(RETRY_INFO)) continue
      const delay = fields(parts.find(({ field }) => field === 2)?.bytes ?? new Uint8Array()).find(
        ({ field }) => field === 1,
      )
      if (delay === undefined) continue
      const duration = fields(delay.bytes)
      const seconds = duration.find(({ field }) => field === 1)?.number ?? 0
      const nanos = duration.find(({ field }) => field === 2)?.number ?? 0
      return seconds * 1000 + nanos / 1e6
    }
  } catch {
    // Not what it says it is: as if it were not there.
  }
  return undefined
}
