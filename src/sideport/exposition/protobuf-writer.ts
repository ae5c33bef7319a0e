/**
 * The subset of the protobuf wire format that `io.prometheus.client` needs.
 * https://protobuf.dev/programming-guides/encoding/
 */
export interface ProtobufWriter {
  /** Writes a whole number from 0 to 2^53 - 1; a number beyond is limited to that, NaN is 0. */
  readonly varint: (field: number, value: number) => void
  /** Writes sint32 and sint64. */
  readonly zigzag: (field: number, value: number) => void
  readonly double: (field: number, value: number) => void
  readonly text: (field: number, value: string) => void
  readonly message: (field: number, write: () => void) => void
  readonly raw: (bytes: Uint8Array) => void
  /** Returns what was written since the last call. */
  readonly take: () => Uint8Array
}

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2

export function createProtobufWriter(): ProtobufWriter {
  let bytes = Buffer.allocUnsafe(4096)
  let at = 0

  const reserve = (size: number): void => {
    if (at + size <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + size))
    bytes.copy(larger, 0, 0, at)
    bytes = larger
  }
  // Numbers, not bigints: counts are exact up to 2^53, the limit of a JavaScript counter.
  const number = (value: number): void => {
    reserve(10)
    // The loop would not end for Infinity.
    let rest = value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0
    while (rest > 127) {
      bytes[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    bytes[at++] = rest
  }
  const tag = (field: number, type: number): void => number(field * 8 + type)
  const zigzagNumber = (value: number): void => number(value >= 0 ? value * 2 : -value * 2 - 1)

  const message = (field: number, write: () => void): void => {
    tag(field, LENGTH_DELIMITED)
    reserve(1)
    const lengthAt = at++
    write()
    const length = at - lengthAt - 1
    const extra = varintSize(length) - 1
    if (extra > 0) {
      reserve(extra)
      bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, at)
    }
    at = lengthAt
    number(length)
    at += length
  }

  return {
    varint: (field, value) => {
      tag(field, VARINT)
      number(value)
    },
    zigzag: (field, value) => {
      tag(field, VARINT)
      zigzagNumber(value)
    },
    double: (field, value) => {
      tag(field, FIXED64)
      reserve(8)
      at = bytes.writeDoubleLE(value, at)
    },
    text: (field, value) => {
      const length = Buffer.byteLength(value)
      tag(field, LENGTH_DELIMITED)
      number(length)
      reserve(length)
      at += bytes.write(value, at)
    },
    message,
    raw: (other) => {
      reserve(other.length)
      bytes.set(other, at)
      at += other.length
    },
    take: () => {
      const taken = Uint8Array.prototype.slice.call(bytes, 0, at)
      at = 0
      return taken
    },
  }
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}

/** Encodes a message's length, which precedes it in the delimited encoding. */
export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Uint8Array.from([...bytes, rest])
}
