/** The default limit of gRPC. Responses to an export have a few bytes. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const PREFIX_BYTES = 5

/**
 * Returns the prefix of a length-prefixed message:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
 */
export function messagePrefix(byteLength: number, compressed: boolean): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt8(compressed ? 1 : 0)
  prefix.writeUInt32BE(byteLength, 1)
  return prefix
}

/** Collects the response of a unary call, which is one message, or none if the call failed. */
export class MessageReader {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  /** Adds a chunk. Throws a RangeError when the response exceeds 4 MiB. */
  take(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > PREFIX_BYTES + MAX_MESSAGE_BYTES)
      throw new RangeError(`a response of more than ${MAX_MESSAGE_BYTES} bytes`)
    this.#chunks.push(chunk)
  }

  /**
   * Returns the message. Throws when it is malformed. Some servers compress the response like the request, whatever
   * encodings the request accepts.
   */
  message(encoding: string | undefined): Uint8Array {
    const bytes = Buffer.concat(this.#chunks)
    if (bytes.length === 0) return bytes
    if (bytes.length < PREFIX_BYTES || bytes.length < PREFIX_BYTES + bytes.readUInt32BE(1))
      throw new Error('a truncated response')
    const message = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + bytes.readUInt32BE(1))
    if (bytes[0] === 0) return message
    if (encoding !== 'gzip')
      throw new Error(`a response in an encoding that was not requested (${encoding ?? 'none named'})`)
    return process.getBuiltinModule('node:zlib').gunzipSync(message, { maxOutputLength: MAX_MESSAGE_BYTES })
  }
}
