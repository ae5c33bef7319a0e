export interface Field {
  readonly field: number
  /** The value of a varint or double; 0 for other types. */
  readonly number: number
  /** The content of a length-delimited field; empty for other types. */
  readonly bytes: Uint8Array
}

const NOTHING: Uint8Array = new Uint8Array()
/** More than any valid response has; 4 MiB of the smallest fields would take 200 MB as objects. */
const MAX_FIELDS = 10_000

/** Returns the first field with that number; when there is none, protobuf's default for an absent field. */
export function fieldOf(found: readonly Field[], number: number): Field {
  return found.find(({ field }) => field === number) ?? { field: number, number: 0, bytes: NOTHING }
}

/**
 * Parses the varint, double and length-delimited fields of a protobuf message. Throws a RangeError when it is
 * malformed.
 */
export function fields(message: Uint8Array): Field[] {
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
    if (found.length >= MAX_FIELDS) throw new RangeError('too many fields')
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) {
      found.push({ field, number: varint(), bytes: NOTHING })
    } else if (tag % 8 === 1) {
      if (at + 8 > message.length) throw new RangeError('truncated')
      const view = new DataView(message.buffer, message.byteOffset + at, 8)
      found.push({ field, number: view.getFloat64(0, true), bytes: NOTHING })
      at += 8
    } else if (tag % 8 === 2) {
      const length = varint()
      if (at + length > message.length) throw new RangeError('truncated')
      found.push({ field, number: 0, bytes: message.subarray(at, at + length) })
      at += length
    } else {
      throw new RangeError('unexpected wire type')
    }
  }
  return found
}
