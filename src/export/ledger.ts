import { type Route, ROUTES } from './worker-messages.ts'

/** The reasons why an item (span, metric point, log record) is lost. */
export const LOSSES = ['queue_full', 'retained_full', 'rejected', 'failed', 'no_worker'] as const
export type Loss = (typeof LOSSES)[number]
/** The final state of an item. */
export type ItemOutcome = 'exported' | Loss
export const ITEM_OUTCOMES: readonly ItemOutcome[] = ['exported', ...LOSSES]

/** Batches that were handed to the worker and are not settled; the exit of the process waits for them. */
const PENDING = 0
const RETAINED_BYTES = 1
const LAST_SUCCESS_S_AT = 2
const PENDING_ITEMS_AT = LAST_SUCCESS_S_AT + ROUTES.length
const OUTCOMES_AT = PENDING_ITEMS_AT + ROUTES.length
const CELLS = OUTCOMES_AT + ROUTES.length * ITEM_OUTCOMES.length

export interface Accounted {
  readonly route: Route
  readonly items: number
  readonly body: { readonly byteLength: number }
}

/** Work that a thread does once when it has blocked for `afterMs`. */
export interface Interlude {
  readonly afterMs: number
  readonly run: () => void
}

/**
 * The counters of the export, in memory shared by the app's thread and the export worker. The app's thread reads them
 * at a scrape and waits on them at exit; the worker counts even while the app's thread is blocked.
 */
export class Ledger {
  readonly buffer: SharedArrayBuffer
  readonly #cells: Int32Array<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * CELLS)) {
    this.buffer = buffer
    this.#cells = new Int32Array(buffer)
  }

  /** Adds to a counter, which wraps at 2^32. */
  count(route: Route, outcome: ItemOutcome, items: number): void {
    Atomics.add(this.#cells, cellOf(route, outcome), items)
  }

  counted(route: Route, outcome: ItemOutcome): number {
    return Atomics.load(this.#cells, cellOf(route, outcome)) >>> 0
  }

  lost(route: Route): number {
    return LOSSES.reduce((sum, loss) => sum + this.counted(route, loss), 0)
  }

  /** Records that a batch is on its way to the worker. */
  accept({ route, items, body }: Accounted): void {
    Atomics.add(this.#cells, PENDING, 1)
    Atomics.add(this.#cells, RETAINED_BYTES, body.byteLength)
    Atomics.add(this.#cells, PENDING_ITEMS_AT + ROUTES.indexOf(route), items)
  }

  /** Records the final outcome of a batch. `rejected` is the number of its items that the collector refused. */
  settle({ route, items, body }: Accounted, outcome: ItemOutcome, rejected = 0): void {
    this.count(route, outcome, items - rejected)
    if (rejected > 0) this.count(route, 'rejected', rejected)
    if (outcome === 'exported') {
      Atomics.store(this.#cells, LAST_SUCCESS_S_AT + ROUTES.indexOf(route), Math.floor(Date.now() / 1000))
    }
    Atomics.sub(this.#cells, PENDING_ITEMS_AT + ROUTES.indexOf(route), items)
    Atomics.sub(this.#cells, RETAINED_BYTES, body.byteLength)
    Atomics.sub(this.#cells, PENDING, 1)
    Atomics.notify(this.#cells, PENDING)
  }

  /** Replaces a batch by the parts that it was split into. */
  replace({ route, items, body }: Accounted, parts: readonly Accounted[]): void {
    // The count must not reach 0 in between, or a waiting thread would wake up.
    for (const part of parts) this.accept(part)
    Atomics.sub(this.#cells, PENDING_ITEMS_AT + ROUTES.indexOf(route), items)
    Atomics.sub(this.#cells, RETAINED_BYTES, body.byteLength)
    Atomics.sub(this.#cells, PENDING, 1)
  }

  /** Counts everything pending as lost, because the worker has exited. Returns the number of lost items. */
  abandon(): number {
    let items = 0
    for (const [index, route] of ROUTES.entries()) {
      const pending = Atomics.exchange(this.#cells, PENDING_ITEMS_AT + index, 0)
      this.count(route, 'no_worker', pending)
      items += pending
    }
    this.#clear()
    return items
  }

  #clear(): void {
    Atomics.store(this.#cells, RETAINED_BYTES, 0)
    Atomics.store(this.#cells, PENDING, 0)
    Atomics.notify(this.#cells, PENDING)
  }

  /** Returns a copy of the counters, for a ledger that adopts them. */
  cells(): Int32Array {
    return Int32Array.from(this.#cells)
  }

  /**
   * Counts what another process did with everything that is pending here, from the counters of its ledger. What it did
   * not settle is lost.
   */
  adopt(cells: Int32Array): void {
    for (const [index, route] of ROUTES.entries()) {
      for (const outcome of ITEM_OUTCOMES) this.count(route, outcome, cells[cellOf(route, outcome)] ?? 0)
      this.count(route, 'failed', cells[PENDING_ITEMS_AT + index] ?? 0)
      Atomics.store(this.#cells, PENDING_ITEMS_AT + index, 0)
    }
    this.#clear()
  }

  get pending(): number {
    return Atomics.load(this.#cells, PENDING)
  }

  pendingItems(route: Route): number {
    return Atomics.load(this.#cells, PENDING_ITEMS_AT + ROUTES.indexOf(route))
  }

  get retainedBytes(): number {
    return Atomics.load(this.#cells, RETAINED_BYTES)
  }

  /** The time of the last successful export, in seconds since the epoch; 0 when there was none. */
  lastSuccessS(route: Route): number {
    return Atomics.load(this.#cells, LAST_SUCCESS_S_AT + ROUTES.indexOf(route)) >>> 0
  }

  /**
   * Blocks this thread until everything is settled. Returns false on timeout. `interlude` runs once if that takes
   * longer than its `afterMs`.
   */
  waitUntilSettled(timeoutMs: number, interlude?: Interlude): boolean {
    if (interlude !== undefined && interlude.afterMs < timeoutMs) {
      const startedAtMs = performance.now()
      if (this.waitUntilSettled(interlude.afterMs)) return true
      interlude.run()
      return this.waitUntilSettled(timeoutMs - (performance.now() - startedAtMs))
    }
    const end = performance.now() + timeoutMs
    for (let pending = this.pending; pending > 0; pending = this.pending) {
      const left = end - performance.now()
      if (left <= 0) return false
      Atomics.wait(this.#cells, PENDING, pending, left)
    }
    return true
  }

  /** Waits like `waitUntilSettled` without blocking. Keeps the process alive meanwhile. */
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

function cellOf(route: Route, outcome: ItemOutcome): number {
  return OUTCOMES_AT + ROUTES.indexOf(route) * ITEM_OUTCOMES.length + ITEM_OUTCOMES.indexOf(outcome)
}
