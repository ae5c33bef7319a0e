import { randomFillSync } from 'node:crypto'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { SpanIdentity } from './span-identity.ts'

/**
 * Generates ids from a pool of random bits: a call into the generator for each id would cost more than all else that
 * starts a span.
 */
export class RandomIds implements IdGenerator {
  readonly #pool: Int32Array<ArrayBuffer>
  #at: number

  constructor(poolWords = 1536) {
    this.#pool = new Int32Array(poolWords)
    this.#at = poolWords
  }

  readonly draw = (): number => {
    if (this.#at === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#at = 0
    }
    return this.#pool[this.#at++] as number
  }

  readonly generateTraceId = (): string => SpanIdentity.drawn(this.draw, undefined).traceId

  readonly generateSpanId = (): string => SpanIdentity.drawn(this.draw, '').spanId
}
