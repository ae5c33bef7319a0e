/** A length-delimited field within its message. */
export interface Frame {
  readonly field: number
  /** The field with its tag and length. */
  readonly whole: Buffer
  readonly content: Buffer
}

/**
 * Returns the fields of a message that has only length-delimited ones. Throws a RangeError when it has others or is
 * truncated.
 */
export function delimitedAt(message: Buffer): Frame[] {
  const frames: Frame[] = []
  let at = 0
  while (at < message.length) {
    const start = at
    const tag = varintAt(message, at)
    const length = varintAt(message, tag.end)
    const end = length.end + length.value
    if (tag.value % 8 !== 2 || end > message.length) throw new RangeError('not a message of messages')
    frames.push({
      field: Math.floor(tag.value / 8),
      whole: message.subarray(start, end),
      content: message.subarray(length.end, end),
    })
    at = end
  }
  return frames
}

/** Encodes the tag and length of a field with a number below 16. */
export function delimitedHead(field: number, length: number): Buffer {
  const bytes = [(field << 3) | 2]
  let rest = length
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

function varintAt(message: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let at = from, scale = 1; at < from + 8; at++, scale *= 128) {
    const byte = message[at]
    if (byte === undefined) break
    value += (byte & 127) * scale
    if (byte < 128) return { value, end: at + 1 }
  }
  throw new RangeError('not a varint')
}
