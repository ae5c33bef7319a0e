const QUIET_MS = 60_000

/** Lines that the limit holds back: the newest text of a kind, and the sum of the counts since it was last written. */
interface HeldBack {
  readonly line: (count: number) => string
  readonly count: number
}

/**
 * Writes log lines about events that may happen many times a second. The first line is written at once, further ones at
 * least a minute apart. In between, the counts of each kind add up; all kinds share the next line.
 */
export class RateLimitedLog {
  readonly #writeLine: (line: string) => void
  readonly #heldBack = new Map<string, HeldBack>()
  #quietUntilMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(writeLine: (line: string) => void) {
    this.#writeLine = writeLine
  }

  /** Logs an event of a kind. `line` receives the sum of `count` over all events of the kind that are in the line. */
  write(kind: string, line: (count: number) => string, count: number = 0): void {
    this.#heldBack.set(kind, { line, count: count + (this.#heldBack.get(kind)?.count ?? 0) })
    const quietMs = this.#quietUntilMs - performance.now()
    if (quietMs <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), quietMs).unref()
  }

  /** Writes what is held back at once. The next line is due a minute later than otherwise. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#heldBack.size === 0) return
    const lines = [...this.#heldBack.values()].map(({ line, count }) => line(count))
    this.#heldBack.clear()
    this.#quietUntilMs = Math.max(this.#quietUntilMs, performance.now()) + QUIET_MS
    this.#writeLine(lines.join('; '))
  }

  /** Discards what is held back of a kind. Returns its count. */
  cancel(kind: string): number {
    const count = this.#heldBack.get(kind)?.count ?? 0
    this.#heldBack.delete(kind)
    return count
  }
}
