const LENGTH_DELIMITED = 2

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const BYTES_PER_UNIT = 3

/** The most unused bytes of a buffer that `taken` gives away without copying. */
const SPARE_BYTES = 8192

/** Loops over the seven-bit groups of a number would not end for Infinity. */
const MAX_VARINT = 2 ** 63

const HEX_DIGITS = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0)

/**
 * Writes the protobuf wire format into one growing buffer, in one pass and without intermediate objects, since it
 * encodes every span. A tag is the encoded key of a field, `tagOf(field, type)`.
 * https://protobuf.dev/programming-guides/encoding/
 */
export class WireWriter {
  #bytes: Buffer
  #at = 0

  constructor(sizeBytes = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(sizeBytes)
  }

  /** The number of bytes written. */
  get length(): number {
    return this.#at
  }

  /** Discards what was written after `length` bytes. */
  truncate(length: number): void {
    this.#at = length
  }

  /** The size of the buffer. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Returns what was written and empties the writer. Nothing is copied when nearly all of the buffer is used. */
  taken(): Uint8Array<ArrayBuffer> {
    const written = this.#bytes.subarray(0, this.#at)
    const spare = this.#bytes.length - this.#at
    this.#at = 0
    if (spare > SPARE_BYTES) return new Uint8Array(written)
    this.#bytes = Buffer.allocUnsafeSlow(0)
    return new Uint8Array(written.buffer as ArrayBuffer, written.byteOffset, written.length)
  }

  append(other: WireWriter): void {
    this.#reserve(other.length)
    this.#at += other.#bytes.copy(this.#bytes, this.#at, 0, other.length)
  }

  /** Writes fields that are encoded already. */
  bytes(fields: Uint8Array): void {
    this.#reserve(fields.length)
    this.#bytes.set(fields, this.#at)
    this.#at += fields.length
  }

  /** Writes an int64 or uint32: a whole number from -2^63 to 2^63. What is no finite number is written as 0. */
  varint(tag: number, value: number): void {
    this.#reserve(12)
    this.#tag(tag)
    if (value >= 0 && value <= MAX_VARINT) this.#unsigned(value)
    else this.#negative(Number.isFinite(value) ? Math.trunc(value) : 0)
  }

  fixed32(tag: number, value: number): void {
    this.#reserve(6)
    this.#tag(tag)
    this.#word(value)
  }

  /** Writes seconds and nanoseconds as nanoseconds, which a number cannot hold exactly. */
  nanoseconds(tag: number, [seconds, nanos]: readonly [number, number]): void {
    this.time(tag, seconds, nanos)
  }

  /** Writes the same from two numbers. `nanos` may be more than a second. */
  time(tag: number, seconds: number, nanos: number): void {
    this.#reserve(10)
    this.#tag(tag)
    // The seconds are split into two parts that are exact: upper * 2^16 + lower.
    const upper = Math.floor(seconds / 65_536) * 1e9
    const lower = (upper % 65_536) * 65_536 + (seconds % 65_536) * 1e9 + nanos
    this.#word(lower % 0x1_0000_0000)
    this.#word(Math.floor(upper / 65_536) + Math.floor(lower / 0x1_0000_0000))
  }

  double(tag: number, value: number): void {
    this.#reserve(10)
    this.#tag(tag)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  raw(tag: number, value: Uint8Array): void {
    this.#reserve(value.length + 7)
    this.#tag(tag)
    this.#unsigned(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** Writes bytes given as hexadecimal digits. */
  hex(tag: number, digits: string): void {
    const length = digits.length >>> 1
    this.#reserve(length + 7)
    this.#tag(tag)
    this.#unsigned(length)
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index < 2 * length; index += 2) {
      bytes[at++] = ((HEX_DIGITS[digits.charCodeAt(index)] ?? 0) << 4) | (HEX_DIGITS[digits.charCodeAt(index + 1)] ?? 0)
    }
    this.#at = at
  }

  /** Writes eight bytes. */
  words(tag: number, first: number, second: number): void {
    this.#reserve(12)
    this.#tag(tag)
    this.#bytes[this.#at++] = 8
    this.#word(first)
    this.#word(second)
  }

  /** Writes sixteen bytes. */
  longWords(tag: number, first: number, second: number, third: number, fourth: number): void {
    this.#reserve(20)
    this.#tag(tag)
    this.#bytes[this.#at++] = 16
    this.#word(first)
    this.#word(second)
    this.#word(third)
    this.#word(fourth)
  }

  text(tag: number, value: string): void {
    const { length } = value
    // For a long text the exact length is worth computing: reserving three times as much would waste memory.
    this.#reserve((length > 4096 ? Buffer.byteLength(value) : BYTES_PER_UNIT * length) + 7)
    this.#tag(tag)
    if (length > 127) {
      this.#longText(value)
      return
    }
    // Nearly all texts are short and ASCII, for which a loop is faster than a call into V8.
    const bytes = this.#bytes
    const lengthAt = this.#at
    let at = lengthAt + 1
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index)
      if (unit > 127) {
        this.#longText(value)
        return
      }
      bytes[at++] = unit
    }
    bytes[lengthAt] = length
    this.#at = at
  }

  /** Begins an embedded message. Returns its start, which is passed to `end` once the message is written. */
  begin(tag: number): number {
    this.#reserve(3)
    this.#tag(tag)
    return ++this.#at
  }

  /** Begins a message that nearly always has at least 128 bytes. Returns its start, to be passed to `endLong`. */
  beginLong(tag: number): number {
    this.#reserve(4)
    this.#tag(tag)
    this.#at += 2
    return this.#at
  }

  /** Ends a message begun with `beginLong`, which reserves two bytes for the length. */
  endLong(start: number): void {
    const length = this.#at - start
    if (length < 128 || length > 16_383) {
      // Moves the message so that one byte is reserved, as `end` expects.
      this.#bytes.copyWithin(start - 1, start, this.#at)
      this.#at -= 1
      this.end(start - 1)
      return
    }
    this.#bytes[start - 2] = (length & 127) | 128
    this.#bytes[start - 1] = length >>> 7
  }

  /**
   * Ends a message begun with `begin`, which reserves one byte for the length: most messages inside a span are short.
   */
  end(start: number): void {
    const length = this.#at - start
    if (length < 128) {
      this.#bytes[start - 1] = length
      return
    }
    const extra = varintSize(length) - 1
    this.#reserve(extra)
    this.#bytes.copyWithin(start + extra, start, this.#at)
    this.#at = start - 1
    this.#unsigned(length)
    this.#at += length
  }

  #longText(value: string): void {
    this.#unsigned(Buffer.byteLength(value))
    this.#at += this.#bytes.write(value, this.#at)
  }

  #reserve(size: number): void {
    const needed = this.#at + size
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, needed))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }

  #tag(tag: number): void {
    if (tag > 127) this.#bytes[this.#at++] = (tag & 127) | 128
    this.#bytes[this.#at++] = tag > 127 ? tag >>> 7 : tag
  }

  #unsigned(value: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let rest = value
    // Bitwise operators do not reach beyond 32 bits.
    for (; rest > 0xffff_ffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128
    for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128
    bytes[at++] = rest
    this.#at = at
  }

  /** Writes the two's complement in 64 bits, which takes ten bytes. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128
    this.#bytes[this.#at++] = Number(rest)
  }

  #word(value: number): void {
    const bytes = this.#bytes
    let at = this.#at
    bytes[at++] = value & 255
    bytes[at++] = (value >>> 8) & 255
    bytes[at++] = (value >>> 16) & 255
    bytes[at++] = value >>> 24
    this.#at = at
  }
}

export function tagOf(field: number, type: number): number {
  return (field << 3) | type
}

/** Returns the tag of a field that is text, bytes or a message. */
export function delimited(field: number): number {
  return tagOf(field, LENGTH_DELIMITED)
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}
