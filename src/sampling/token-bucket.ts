/** So many a second, after a quiet second at most as many at once, and one where that is less. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #capacity: number
  readonly #now: () => number
  #tokens: number
  #filledAtMs: number

  /** `now` gives milliseconds of a clock that never goes back. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
    this.#capacity = Math.max(perSecond, perSecond > 0 ? 1 : 0)
    this.#tokens = this.#capacity
    this.#filledAtMs = now()
  }

  /** False: there is none left. */
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
