import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { SpanIdentity } from './span-identity.ts'

/** New random bits are taken from the system after this many words, which are 256 traces. */
const RESEED_WORDS = 1536

/**
 * Generates ids with xoshiro128** (https://prng.di.unimi.it), seeded by the system: a call into the system's generator
 * per id would cost more than all else that starts a span. The generator requires twenty modules of Node.js, which a
 * script without spans does not load, and a server loads while it waits for connections.
 */
export class RandomIds implements IdGenerator {
  readonly #seed = new Int32Array(4)
  #crypto: typeof import('node:crypto') | undefined
  #left = 0
  #s0 = 0
  #s1 = 0
  #s2 = 0
  #s3 = 0

  readonly draw = (): number => {
    if (this.#left === 0) this.#reseed()
    this.#left -= 1
    const s1 = this.#s1
    const times5 = Math.imul(s1, 5)
    const word = Math.imul((times5 << 7) | (times5 >>> 25), 9)
    const s2 = this.#s2 ^ this.#s0
    const s3 = this.#s3 ^ s1
    this.#s1 = s1 ^ s2
    this.#s0 ^= s3
    this.#s2 = s2 ^ (s1 << 9)
    this.#s3 = (s3 << 11) | (s3 >>> 21)
    return word
  }

  /** Loads the generator before the first span. */
  prepare(): void {
    if (this.#left === 0) this.#reseed()
  }

  /** Adds to the state, which must not become zero. */
  #reseed(): void {
    this.#crypto ??= process.getBuiltinModule('node:crypto')
    const [a = 0, b = 0, c = 0, d = 0] = this.#crypto.randomFillSync(this.#seed)
    this.#s0 ^= a
    this.#s1 ^= b
    this.#s2 ^= c
    this.#s3 ^= d
    if ((this.#s0 | this.#s1 | this.#s2 | this.#s3) === 0) this.#s0 = 1
    this.#left = RESEED_WORDS
  }

  readonly generateTraceId = (): string => SpanIdentity.drawn(this.draw, undefined).traceId

  readonly generateSpanId = (): string => SpanIdentity.drawn(this.draw, '').spanId
}
