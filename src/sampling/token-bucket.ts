/** Limits events to a rate per second. After a quiet second it allows that many at once, but at least one. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #capacity: number
  readonly #now: () => number
  #tokens: number
  #filledAtMs: number

  /** `now` returns milliseconds of a monotonic clock. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
    this.#capacity = Math.max(perSecond, perSecond > 0 ? 1 : 0)
    this.#tokens = this.#capacity
    this.#filledAtMs = now()
  }

  /** Takes a token. Returns false when there is none. */
  take(): boolean {
    if (this.#perSecond === Infinity) return true
    const nowMs = this.#now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
