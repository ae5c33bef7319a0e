import { reasonOf } from '../base/diag.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { Episode } from './episode.ts'
import type { Ledger, Loss } from './ledger.ts'
import type { Batch, End } from './messages.ts'
import type { Retaining, Retention } from './retention.ts'
import { splitBody } from './split-body.ts'
import type { Attempt, Transport } from './transport.ts'

const CONCURRENCY = 8
const FIRST_BACKOFF_MS = 500
/** An outage ends within 5 s of the collector's return: this, and the time of the attempt. */
const MAX_BACKOFF_MS = 4000
const END_BACKOFF_MS = 50
/** A collector may ask for more time than that; it is asked again nevertheless. */
const MAX_NAMED_MS = 300_000
/** Whatever a collector refuses, batches are not made smaller than that in advance. */
const LEAST_MAX_BYTES = 65_536

export interface DestinationOptions {
  readonly signal: Signal
  readonly settings: OtlpSettings
  readonly createTransport: () => Transport
  readonly ledger: Ledger
  readonly retention: Retention
  /** Larger batches are split before they are sent. */
  readonly maxExportBytes: number
  /** Hears why the collector takes nothing, and with undefined that it takes them again. */
  readonly onTrouble?: (reason: string | undefined) => void
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
  /** What the collector takes, as far as is known. */
  #maxBytes: number

  constructor(options: DestinationOptions) {
    this.#options = options
    this.#maxBytes = options.maxExportBytes
    this.#episode = new Episode(options.signal, options.settings, options.retention.maxBytes, options.onTrouble)
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
    const waiting = { batch, sequence: retention.nextSequence() }
    if (batch.body.byteLength <= this.#maxBytes || !this.#split(waiting, this.#maxBytes)) this.#putBack(waiting)
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
    } else if (attempt.status === 'failure' && attempt.tooLarge === true && this.#splitRefused(waiting)) {
      this.#episode.split(attempt.reason)
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

  #putBack(...waiting: readonly Waiting[]): void {
    const at = this.#queue.findIndex(({ sequence }) => sequence > (waiting[0]?.sequence ?? 0))
    this.#queue.splice(at === -1 ? this.#queue.length : at, 0, ...waiting)
    this.#options.retention.enforce()
  }

  /** The collector refused the batch for its size. False: it is one item, which is lost. */
  #splitRefused(waiting: Waiting): boolean {
    const half = Math.ceil(waiting.batch.body.byteLength / 2)
    if (!this.#split(waiting, half)) return false
    this.#maxBytes = Math.max(Math.min(this.#maxBytes, half), LEAST_MAX_BYTES)
    return true
  }

  /** Puts its parts into the queue in its place. False: it cannot be split. */
  #split({ batch, sequence }: Waiting, maxBytes: number): boolean {
    const { settings, ledger } = this.#options
    const parts = splitBody(settings.protocol, batch, maxBytes)
    if (parts === undefined) return false
    const batches = parts.map((part) => ({ ...part, route: batch.route }))
    ledger.replace(batch, batches)
    this.#putBack(...batches.map((part) => ({ batch: part, sequence })))
    return true
  }

  /** Attempts that fail together are one round; of the times that the collector names, the latest holds. */
  #retryIn(namedMs: number | undefined): void {
    const now = performance.now()
    if (this.#retry === undefined) {
      this.#failedRounds++
      this.#retryAtMs = now + this.#waitMs(namedMs)
    } else if (namedMs !== undefined) {
      this.#retryAtMs = Math.max(this.#retryAtMs, now + this.#waitMs(namedMs))
    }
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#pump()
    }, this.#retryAtMs - now).unref()
  }

  /** Never less than the own backoff, whatever time is named, and never so long that nothing is tried any more. */
  #waitMs(namedMs: number | undefined): number {
    const named = namedMs === undefined || Number.isNaN(namedMs) ? 0 : Math.min(namedMs, MAX_NAMED_MS)
    return Math.max(named, this.#backoffMs())
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
