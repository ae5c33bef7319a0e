const QUIET_MS = 60_000

/** What there is to say of one kind: the newest words, over all that was counted since they were said last. */
interface Waiting {
  readonly line: (count: number) => string
  readonly count: number
}

/**
 * Lines about something that may go wrong many times a second: the first is said at once, and further ones a minute apart.
 * What is not said yet waits: counts of a kind add up, and what is of several kinds is one line when its time comes.
 */
export class Telling {
  readonly #say: (line: string) => void
  readonly #waiting = new Map<string, Waiting>()
  #quietUntilMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** `line` gets the count of its kind, this one's and all that were not said. */
  say(kind: string, line: (count: number) => string, count: number = 0): void {
    this.#waiting.set(kind, { line, count: count + (this.#waiting.get(kind)?.count ?? 0) })
    const quietMs = this.#quietUntilMs - performance.now()
    if (quietMs <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), quietMs).unref()
  }

  /** What waits is said now, whatever was said before; the minute of quiet counts on top. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const lines = [...this.#waiting.values()].map(({ line, count }) => line(count))
    this.#waiting.clear()
    this.#quietUntilMs = Math.max(this.#quietUntilMs, performance.now()) + QUIET_MS
    this.#say(lines.join('; '))
  }

  /** What waits of this kind is not said. Returns its count. */
  cancel(kind: string): number {
    const count = this.#waiting.get(kind)?.count ?? 0
    this.#waiting.delete(kind)
    return count
  }
}
