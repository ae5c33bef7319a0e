/** grpc's own default. What answers an export is a few bytes. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const PREFIX_BYTES = 5

/** Length-prefixed messages: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
export function messagePrefix(byteLength: number, compressed: boolean): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt8(compressed ? 1 : 0)
  prefix.writeUInt32BE(byteLength, 1)
  return prefix
}

/** The answer of a unary call, as it comes in: one message, or none where the call failed. */
export class MessageReader {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  /** Throws a RangeError when it is longer than what any answer is. */
  take(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > PREFIX_BYTES + MAX_MESSAGE_BYTES)
      throw new RangeError(`an answer of more than ${MAX_MESSAGE_BYTES} bytes`)
    this.#chunks.push(chunk)
  }

  /** Throws when it is no message. Some servers compress as the request was, whatever they are asked for. */
  message(encoding: string | undefined): Uint8Array {
    const bytes = Buffer.concat(this.#chunks)
    if (bytes.length === 0) return bytes
    if (bytes.length < PREFIX_BYTES || bytes.length < PREFIX_BYTES + bytes.readUInt32BE(1))
      throw new Error('an answer cut short')
    const message = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + bytes.readUInt32BE(1))
    if (bytes[0] === 0) return message
    if (encoding !== 'gzip')
      throw new Error(`an answer in an encoding that was not asked for (${encoding ?? 'none named'})`)
    return process.getBuiltinModule('node:zlib').gunzipSync(message, { maxOutputLength: MAX_MESSAGE_BYTES })
  }
}
