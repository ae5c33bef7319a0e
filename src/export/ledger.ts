/**
 * The figures of the export, in memory that the app's thread and the export worker share: the app's thread can read them
 * at a scrape and wait on them while it ends, and the worker can count while the app's thread is blocked.
 */
export const OUTCOMES = ['exported', 'queue_full', 'retained_full', 'rejected', 'failed', 'deadline'] as const
export type Outcome = (typeof OUTCOMES)[number]

const SIGNALS = ['traces', 'metrics', 'logs'] as const
type LedgerSignal = (typeof SIGNALS)[number]

/** Batches handed to the worker and not yet settled: what an end of the process waits for. */
const PENDING = 0
const RETAINED_BYTES = 1
const LAST_SUCCESS_S = 2
const OUTCOMES_AT = 8

export class Ledger {
  readonly buffer: SharedArrayBuffer
  readonly #cells: Int32Array<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * 64)) {
    this.buffer = buffer
    this.#cells = new Int32Array(buffer)
  }

  /** Counts items (spans, metric points, log records); wraps at 2^32 as an unsigned number. */
  count(signal: LedgerSignal, outcome: Outcome, items: number): void {
    Atomics.add(this.#cells, cellOf(signal, outcome), items)
  }

  counted(signal: LedgerSignal, outcome: Outcome): number {
    return Atomics.load(this.#cells, cellOf(signal, outcome)) >>> 0
  }

  accept(bytes: number): void {
    Atomics.add(this.#cells, PENDING, 1)
    Atomics.add(this.#cells, RETAINED_BYTES, bytes)
  }

  settle(bytes: number): void {
    Atomics.sub(this.#cells, RETAINED_BYTES, bytes)
    Atomics.sub(this.#cells, PENDING, 1)
    Atomics.notify(this.#cells, PENDING)
  }

  get pending(): number {
    return Atomics.load(this.#cells, PENDING)
  }

  get retainedBytes(): number {
    return Atomics.load(this.#cells, RETAINED_BYTES)
  }

  /** Seconds since the epoch; 0: never. */
  get lastSuccessS(): number {
    return Atomics.load(this.#cells, LAST_SUCCESS_S) >>> 0
  }

  succeeded(): void {
    Atomics.store(this.#cells, LAST_SUCCESS_S, Math.floor(Date.now() / 1000))
  }

  /** Blocks this thread until all is settled. False: the time ran out. */
  waitUntilSettled(timeoutMs: number): boolean {
    const end = performance.now() + timeoutMs
    for (let pending = this.pending; pending > 0; pending = this.pending) {
      const left = end - performance.now()
      if (left <= 0) return false
      Atomics.wait(this.#cells, PENDING, pending, left)
    }
    return true
  }

  /** The same without blocking; the process stays alive until then, since someone awaits it. */
  async untilSettled(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs
    const keepAlive = setTimeout(() => {}, timeoutMs)
    try {
      for (let pending = this.pending; pending > 0; pending = this.pending) {
        const left = end - performance.now()
        if (left <= 0) return false
        await Atomics.waitAsync(this.#cells, PENDING, pending, left).value
      }
      return true
    } finally {
      clearTimeout(keepAlive)
    }
  }
}

function cellOf(signal: LedgerSignal, outcome: Outcome): number {
  return OUTCOMES_AT + SIGNALS.indexOf(signal) * OUTCOMES.length + OUTCOMES.indexOf(outcome)
}
