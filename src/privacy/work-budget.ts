/** The work for one span that is not charged to its trace. Most spans need less. */
const FREE_UNITS = 4096
/** The work beyond that for all spans of one trace, and how much of it is restored per second. */
const BURST_UNITS = 262_144
const REFILL_UNITS_PER_MS = BURST_UNITS / 1000
const MAX_TRACES = 256

/** The trace that work is done for. Its id is read only if the trace is charged, which is rare. */
export interface TraceOfWork {
  readonly traceId: string
}

interface Account {
  units: number
  readonly refilledAtMs: number
}

/** Reserves `units` (characters to be read) for a piece of work. Returns false if the work must not be done. */
export type TakeUnits = (units: number) => boolean

/**
 * Limits the privacy work for one trace, in characters that are read. A client determines the length of the texts on
 * its request's spans, but must not determine how long the app's thread is busy with them. A text for which no budget
 * is left is hidden whole.
 */
export class WorkBudget {
  /** Traces that used more than the free part, the least recently used first. */
  readonly #accounts = new Map<string, Account>()
  #trace: TraceOfWork | undefined
  #free = FREE_UNITS

  /** Starts the work for a span of this trace. */
  begin(trace: TraceOfWork): void {
    this.#trace = trace
    this.#free = FREE_UNITS
  }

  /** Starts the work for something without a trace, which has a budget of its own. */
  beginAlone(): void {
    this.#trace = undefined
    this.#free = BURST_UNITS
  }

  readonly take: TakeUnits = (units) => {
    if (units > this.#free) return this.#takeFromTrace(units)
    this.#free -= units
    return true
  }

  #takeFromTrace(units: number): boolean {
    if (this.#trace === undefined) return false
    const { traceId } = this.#trace
    const nowMs = performance.now()
    const known = this.#accounts.get(traceId)
    const refilled =
      known === undefined ? BURST_UNITS : known.units + (nowMs - known.refilledAtMs) * REFILL_UNITS_PER_MS
    const account = { units: Math.min(BURST_UNITS, refilled), refilledAtMs: nowMs }
    this.#accounts.delete(traceId)
    this.#accounts.set(traceId, account)
    if (this.#accounts.size > MAX_TRACES) this.#forgetOldest()
    if (account.units < units) return false
    account.units -= units
    return true
  }

  #forgetOldest(): void {
    for (const oldest of this.#accounts.keys()) {
      this.#accounts.delete(oldest)
      return
    }
  }
}
