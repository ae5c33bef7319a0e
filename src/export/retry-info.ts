import type { Metadata } from '@grpc/grpc-js'

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
      const delay = fields(parts.find(({ field }) => field === 2)?.bytes ?? NOTHING).find(({ field }) => field === 1)
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

const NOTHING = new Uint8Array()

interface Field {
  readonly field: number
  readonly number: number
  readonly bytes: Uint8Array
}

function fields(message: Uint8Array): Field[] {
  const found: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('truncated')
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('not a varint')
  }
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) {
      found.push({ field, number: varint(), bytes: NOTHING })
    } else if (tag % 8 === 2) {
      const length = varint()
      found.push({ field, number: 0, bytes: message.subarray(at, at + length) })
      at += length
    } else {
      throw new RangeError('unexpected wire type')
    }
  }
  return found
}
