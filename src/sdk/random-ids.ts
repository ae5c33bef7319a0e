import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { SpanIdentity } from './span-identity.ts'

/**
 * Generates ids from a pool of random bits: a call into the generator per id would cost more than all else that starts
 * a span. The generator requires twenty modules of Node.js, which a script without spans does not load, and a server
 * loads while it waits for connections.
 */
export class RandomIds implements IdGenerator {
  readonly #pool: Int32Array<ArrayBuffer>
  #at: number

  constructor(poolWords = 1536) {
    this.#pool = new Int32Array(poolWords)
    this.#at = poolWords
  }

  readonly draw = (): number => {
    if (this.#at === this.#pool.length) this.#fill()
    return this.#pool[this.#at++] as number
  }

  /** Loads the generator before the first span. */
  prepare(): void {
    if (this.#at === this.#pool.length) this.#fill()
  }

  #fill(): void {
    const { randomFillSync } = require('node:crypto') as typeof import('node:crypto')
    randomFillSync(this.#pool)
    this.#at = 0
  }

  readonly generateTraceId = (): string => SpanIdentity.drawn(this.draw, undefined).traceId

  readonly generateSpanId = (): string => SpanIdentity.drawn(this.draw, '').spanId
}
