/** What a span may cost before its trace is asked: nearly all spans stay below. */
const FREE_UNITS = 4096
/** What all spans of one trace together may cost beyond that at once, and how much of it comes back in a second. */
const BURST_UNITS = 262_144
const REFILL_UNITS_PER_MS = BURST_UNITS / 1000
const MAX_TRACES = 256

/** The trace that work is done for. Its id is read where the trace has to be asked, which few spans do. */
export interface TraceOfWork {
  readonly traceId: string
}

interface Account {
  units: number
  readonly refilledAtMs: number
}

/** Takes `units`, characters to be read, for a piece of work. False: the work must not be done. */
export type TakeUnits = (units: number) => boolean

/**
 * Bounds the work that privacy does for one trace, in characters that are read: a request decides how long the texts of its
 * spans are, and its sender must not decide how long the app's thread is busy with them. A text that no budget is left for
 * is hidden whole.
 */
export class WorkBudget {
  /** Traces that took more than the free part, the one that was used longest ago first. */
  readonly #accounts = new Map<string, Account>()
  #trace: TraceOfWork | undefined
  #free = FREE_UNITS

  /** What follows is work for a span of this trace. */
  begin(trace: TraceOfWork): void {
    this.#trace = trace
    this.#free = FREE_UNITS
  }

  /** What follows is work for something that has a budget of its own, and no trace. */
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
