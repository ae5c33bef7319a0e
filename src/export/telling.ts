const QUIET_MS = 60_000

/**
 * Lines about something that may go wrong many times a second: the first is said at once, and further ones a minute apart.
 * What is not said yet waits, and is put in words when its time comes; a newer line takes its place.
 */
export class Telling {
  readonly #say: (line: string) => void
  #quietUntilMs = 0
  #waiting: (() => string) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** True: it was said at once. */
  say(line: () => string): boolean {
    const quietMs = this.#quietUntilMs - performance.now()
    if (quietMs <= 0) {
      this.#sayNow(line)
      return true
    }
    this.#waiting = line
    this.#timer ??= setTimeout(() => this.flush(), quietMs).unref()
    return false
  }

  /** Whatever was said before; the minute of quiet counts on top. */
  #sayNow(line: () => string): void {
    this.cancel()
    this.#quietUntilMs = Math.max(this.#quietUntilMs, performance.now()) + QUIET_MS
    this.#say(line())
  }

  /** What waits is said now. */
  flush(): void {
    const waiting = this.#waiting
    if (waiting !== undefined) this.#sayNow(waiting)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = undefined
  }
}
