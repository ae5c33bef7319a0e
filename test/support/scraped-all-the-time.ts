import { pause } from './pause.ts'
import { httpGet, parseExposition } from './scrape.ts'

/** Scrapes continuously. A response is right if its count has not decreased. */
export class ScrapedAllTheTime {
  lastRightMs: number = performance.now()
  readonly #url: string
  readonly #counter: string
  readonly #running: Promise<void>
  #isStopping = false
  #right = 0
  #longestGapMs = 0
  #seen = 0

  constructor(port: number, counter: string) {
    this.#url = `http://127.0.0.1:${port}/metrics`
    this.#counter = counter
    this.#running = this.#scrape()
    this.#running.catch(() => {})
  }

  /** Rejects if a response was neither right nor a refusal. */
  async stop(): Promise<{ readonly right: number; readonly longestGapMs: number }> {
    this.#isStopping = true
    await this.#running
    return { right: this.#right, longestGapMs: this.#longestGapMs }
  }

  async #scrape(): Promise<void> {
    while (!this.#isStopping) {
      await pause(20, 'fifty scrapes a second')
      // Refused or cut off in the middle, which a scraper notices too.
      const response = await httpGet(this.#url).catch(() => undefined)
      if (response === undefined || response.status === 503) continue
      if (response.status !== 200) throw new Error(`answered with ${response.status}: ${response.body}`)
      const count = parseExposition(response.body).sum(this.#counter)
      if (count < this.#seen) throw new Error(`${this.#counter}: ${this.#seen}, then ${count}`)
      const nowMs = performance.now()
      this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.lastRightMs)
      this.lastRightMs = nowMs
      this.#seen = count
      this.#right += 1
    }
  }
}
