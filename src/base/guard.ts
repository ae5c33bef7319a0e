import { reasonOf, warn } from './diag.ts'

/**
 * Guards work of ours that runs inside a call of the app, so that an exception in it does not reach the app. The log
 * line names the work (`work`) and what happens instead (`consequence`). Only the first exception is logged.
 */
export class Guard {
  readonly #work: string
  readonly #consequence: string
  #hasFailed = false

  constructor(work: string, consequence: string) {
    this.#work = work
    this.#consequence = consequence
  }

  /** Returns the result of `work`; undefined if it throws. */
  run<Result>(work: () => Result): Result | undefined {
    try {
      return work()
    } catch (thrown) {
      this.failed(thrown)
      return undefined
    }
  }

  /** Logs an exception that the caller has caught. */
  failed(thrown: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    warn(`${this.#work} failed (${reasonOf(thrown)}); ${this.#consequence}`)
  }
}
