import { randomFillSync } from 'node:crypto'
import type { IdGenerator } from '@opentelemetry/sdk-trace'

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

/** Ids from random bytes that are drawn many at a time: a call for each would cost more than all else of a span's start. */
export class RandomIds implements IdGenerator {
  readonly #bytes: Buffer & { hexSlice(start: number, end: number): string }
  #at: number

  constructor(poolBytes = 6144) {
    this.#bytes = Buffer.allocUnsafeSlow(poolBytes) as Buffer & { hexSlice(start: number, end: number): string }
    this.#at = poolBytes
  }

  readonly generateTraceId = (): string => this.#next(TRACE_ID_BYTES)

  readonly generateSpanId = (): string => this.#next(SPAN_ID_BYTES)

  #next(sizeBytes: number): string {
    const bytes = this.#bytes
    if (this.#at + sizeBytes > bytes.length) {
      randomFillSync(bytes)
      this.#at = 0
    }
    const at = this.#at
    this.#at += sizeBytes
    const id = bytes.hexSlice(at, at + sizeBytes)
    // Zeroes alone are no id.
    return /[^0]/.test(id) ? id : this.#next(sizeBytes)
  }
}
