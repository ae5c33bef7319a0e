import { readSync } from 'node:fs'

const SMALLEST_BYTES = 65_536

/**
 * Memory that is reused for each file while chunks are loaded. A `Buffer` for each would stay until the next garbage
 * collection, which a short script never has.
 */
export class Scratch {
  #memory = Buffer.alloc(0)

  /** Returns a part of the memory with at least this size. It is overwritten by the next call. */
  take(bytes: number): Buffer {
    if (this.#memory.length < bytes) {
      this.free()
      this.#memory = Buffer.allocUnsafeSlow(Math.max(bytes, SMALLEST_BYTES))
    }
    return this.#memory.subarray(0, bytes)
  }

  /** Reads a part of a file. Returns less when the file ends before. */
  read(descriptor: number, at: number, bytes: number): Buffer {
    const part = this.take(bytes)
    return part.subarray(0, readSync(descriptor, part, 0, bytes, at))
  }

  /** Releases the memory at once. */
  free(): void {
    if (this.#memory.length > 0) (this.#memory.buffer as ArrayBuffer).transfer(0)
    this.#memory = Buffer.alloc(0)
  }
}
