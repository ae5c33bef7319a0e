import type { Ledger } from './ledger.ts'

/** A queue of batches that wait for their collector. */
export interface Retaining {
  /** When the oldest of them was handed over, in batches; undefined: none waits. */
  readonly oldestSequence: number | undefined
  dropOldest(): void
}

/** The bound in bytes on all that waits, of every signal together: the oldest goes first, whosever it is. */
export class Retention {
  readonly maxBytes: number
  readonly #ledger: Ledger
  readonly #queues: Retaining[] = []
  #sequence = 0

  constructor(ledger: Ledger, maxBytes: number) {
    this.#ledger = ledger
    this.maxBytes = maxBytes
  }

  add(queue: Retaining): void {
    this.#queues.push(queue)
  }

  nextSequence(): number {
    return this.#sequence++
  }

  /** Batches that are being sent count, and stay. */
  enforce(): void {
    while (this.#ledger.retainedBytes > this.maxBytes) {
      const [oldest] = this.#queues
        .filter((queue) => queue.oldestSequence !== undefined)
        .toSorted((a, b) => (a.oldestSequence ?? 0) - (b.oldestSequence ?? 0))
      if (oldest === undefined) return
      oldest.dropOldest()
    }
  }
}
