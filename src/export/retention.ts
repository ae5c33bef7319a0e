import type { Ledger } from './ledger.ts'

/** A queue of batches that wait to be sent. */
export interface Retaining {
  /** The sequence number of the oldest waiting batch; undefined when none waits. */
  readonly oldestSequence: number | undefined
  dropOldest(): void
}

/**
 * Limits the bytes held for all signals together. The oldest batch is dropped first, whichever signal it belongs to.
 */
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

  /** Drops the oldest batches until the limit is met. Batches in flight count, but are never dropped. */
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
