import { reasonOf } from '../base/diag.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { Episode } from './episode.ts'
import type { Ledger, Loss } from './ledger.ts'
import type { Batch, End } from './messages.ts'
import type { Retaining, Retention } from './retention.ts'
import type { Attempt, Transport } from './transport.ts'

const CONCURRENCY = 8
const FIRST_BACKOFF_MS = 500
/** An outage ends within 5 s of the collector's return: this, and the time of the attempt. */
const MAX_BACKOFF_MS = 4000
const END_BACKOFF_MS = 50

export interface DestinationOptions {
  readonly signal: Signal
  readonly settings: OtlpSettings
  readonly createTransport: () => Transport
  readonly ledger: Ledger
  readonly retention: Retention
}

interface Waiting {
  readonly batch: Batch
  readonly sequence: number
}

/** One signal's collector: sends batches, keeps them while it is away, and tells what became of them. */
export class Destination implements Retaining {
  readonly #options: DestinationOptions
  readonly #episode: Episode
  #transport: Transport | undefined
  /** In the order they were handed over. */
  #queue: Waiting[] = []
  #inFlight = 0
  /** Rounds of attempts that failed one after the other: while there are any, one batch at a time probes the collector. */
  #failedRounds = 0
  #retryAtMs = 0
  #retry: NodeJS.Timeout | undefined
  #endsAtMs = 0

  constructor(options: DestinationOptions) {
    this.#options = options
    this.#episode = new Episode(options.signal, options.settings, options.retention.maxBytes)
    options.retention.add(this)
  }

  get oldestSequence(): number | undefined {
    return this.#queue[0]?.sequence
  }

  /** What can be done before there is a batch, so that an end of the process waits for that one alone. */
  prepare(): void {
    try {
      this.#transport ??= this.#options.createTransport()
      this.#transport.prepare?.()
    } catch {
      // Said where there is something to send.
    }
  }

  take(batch: Batch): void {
    const { retention } = this.#options
    this.#queue.push({ batch, sequence: retention.nextSequence() })
    this.#pump()
    retention.enforce()
  }

  dropOldest(): void {
    const oldest = this.#queue.shift()
    if (oldest !== undefined) this.#lose(oldest.batch, 'retained_full')
  }

  /** Everything is tried now, and nothing waits for somebody who does not listen. */
  end({ endsAtMs }: End): void {
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#episode.flush()
    this.#pump()
  }

  /** Not for ever: an `exit` that a tool emits by itself is followed by more life. */
  get #ending(): boolean {
    return Date.now() < this.#endsAtMs
  }

  #pump(): void {
    if (this.#retry !== undefined) return
    const limit = this.#failedRounds > 0 && !this.#ending ? 1 : CONCURRENCY
    while (this.#inFlight < limit) {
      const next = this.#queue.shift()
      if (next === undefined) return
      void this.#send(next)
    }
  }

  async #send(waiting: Waiting): Promise<void> {
    const { ledger } = this.#options
    const { batch } = waiting
    this.#inFlight++
    const attempt = await this.#attempt(batch)
    this.#inFlight--
    if (attempt.status === 'success') {
      const rejected = Math.min(attempt.partial?.rejected ?? 0, batch.items)
      ledger.settle(batch, 'exported', rejected)
      this.#episode.succeeded(attempt.partial)
      this.#failedRounds = 0
    } else if (attempt.status === 'failure') {
      this.#episode.troubled(attempt.reason, 'lost')
      this.#lose(batch, 'rejected')
    } else if (this.#ending && attempt.refused === true) {
      this.#episode.troubled(attempt.reason, 'lost')
      this.#lose(batch, 'failed')
    } else {
      this.#episode.troubled(attempt.reason, 'kept')
      this.#putBack(waiting)
      this.#retryIn(attempt.retryAfterMs)
      return
    }
    this.#pump()
  }

  /** Never rejects: a transport that cannot be made (yet) is one more reason to try again. */
  async #attempt({ body }: Batch): Promise<Attempt> {
    const { createTransport, settings } = this.#options
    try {
      this.#transport ??= createTransport()
      return await this.#transport.send(body, settings.timeoutMs)
    } catch (thrown) {
      return { status: 'retryable', reason: reasonOf(thrown), refused: true }
    }
  }

  #putBack(waiting: Waiting): void {
    const at = this.#queue.findIndex(({ sequence }) => sequence > waiting.sequence)
    this.#queue.splice(at === -1 ? this.#queue.length : at, 0, waiting)
    this.#options.retention.enforce()
  }

  /** Attempts that fail together are one round; of the times that the collector names, the latest holds. */
  #retryIn(namedMs: number | undefined): void {
    const now = performance.now()
    if (this.#retry === undefined) {
      this.#failedRounds++
      this.#retryAtMs = now + (namedMs ?? this.#backoffMs())
    } else if (namedMs !== undefined) {
      this.#retryAtMs = Math.max(this.#retryAtMs, now + namedMs)
    }
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#pump()
    }, this.#retryAtMs - now).unref()
  }

  #backoffMs(): number {
    if (this.#ending) return END_BACKOFF_MS
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failedRounds - 1), MAX_BACKOFF_MS)
    return backoffMs * (0.8 + Math.random() * 0.2)
  }

  /** What is to be said of it is said before: with the last batch settled the process may be gone. */
  #lose(batch: Batch, loss: Loss): void {
    this.#options.ledger.settle(batch, loss)
    this.#episode.lost(batch.items)
  }
}
