/** The kinds of frames between members and leader. A frame is a length, a kind and a body. */
export type FrameKind = 'hello' | 'welcome' | 'ask' | 'answer' | 'watch' | 'unwatch' | 'batch' | 'inspection'

const KINDS: readonly FrameKind[] = ['hello', 'welcome', 'ask', 'answer', 'watch', 'unwatch', 'batch', 'inspection']
const HEAD_BYTES = 5
/** Far more than any real snapshot. */
export const MAX_BODY_BYTES: number = 64 * 1024 * 1024

export function frame(kind: FrameKind, body: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(body.length)
  head.writeUInt8(KINDS.indexOf(kind), 4)
  return Buffer.concat([head, body])
}

/** Splits a byte stream into frames. Throws when the stream is malformed. */
export class FrameReader {
  readonly #onFrame: (kind: FrameKind, body: Buffer) => void
  readonly #maxBodyBytes: () => number
  #pieces: Buffer[] = []
  #bytes = 0
  #wanted = HEAD_BYTES

  /** `maxBodyBytes` is called for each frame: a peer that has not identified itself is allowed less. */
  constructor(onFrame: (kind: FrameKind, body: Buffer) => void, maxBodyBytes: () => number = () => MAX_BODY_BYTES) {
    this.#maxBodyBytes = maxBodyBytes
    this.#onFrame = onFrame
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    while (this.#bytes >= this.#wanted) this.#cut()
  }

  #cut(): void {
    const all = this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces)
    const length = all.readUInt32LE()
    const kind = KINDS[all.readUInt8(4)]
    if (kind === undefined || length > this.#maxBodyBytes()) throw new Error('not a member of a fleet')
    this.#wanted = HEAD_BYTES + length
    this.#pieces = [all]
    if (all.length < this.#wanted) return
    const rest = all.subarray(this.#wanted)
    const body = all.subarray(HEAD_BYTES, this.#wanted)
    this.#pieces = [rest]
    this.#bytes = rest.length
    this.#wanted = HEAD_BYTES
    this.#onFrame(kind, body)
  }
}
