import { reasonOf } from '../base/diag.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { OutageLog } from './outage-log.ts'
import type { Ledger, Loss } from './ledger.ts'
import type { Batch, ShutdownRequest } from './worker-messages.ts'
import type { Retaining, Retention } from './retention.ts'
import { splitBody } from './split-body.ts'
import type { Attempt, Transport } from './transport.ts'

/** The limit on requests in flight to a collector. Over HTTP each has a connection, over gRPC all share one. */
const MAX_REQUESTS_IN_FLIGHT = 8
const FIRST_BACKOFF_MS = 500
/**
 * The longest delay between attempts. With the time of an attempt, export resumes within 5 s of the collector's return.
 */
const MAX_BACKOFF_MS = 4000
const END_BACKOFF_MS = 50
/** The longest delay that a collector may ask for. */
const MAX_NAMED_MS = 300_000
/** However small a batch the collector refuses, later batches are not split below this size in advance. */
const LEAST_MAX_BYTES = 65_536

export interface RetryingExporterOptions {
  readonly signal: Signal
  readonly settings: OtlpSettings
  readonly createTransport: () => Transport
  readonly ledger: Ledger
  readonly retention: Retention
  /** Larger batches are split before they are sent. */
  readonly maxExportBytes: number
  /**
   * Whether nobody else uses the memory of the batches, as in the worker: it is then freed as soon as a batch has been
   * exported. The worker allocates so little else that its garbage collector would come for it after a minute.
   */
  readonly ownsBodies?: boolean
  /** Receives the reason when exports begin to fail, and undefined when they succeed again. */
  readonly onTrouble?: (reason: string | undefined) => void
}

interface Queued {
  readonly batch: Batch
  readonly sequence: number
  isAttempted?: boolean
}

/** Exports one signal: sends batches to its collector, buffers and retries them during an outage, and accounts for each. */
export class RetryingExporter implements Retaining {
  readonly #options: RetryingExporterOptions
  readonly #outageLog: OutageLog
  #transport: Transport | undefined
  /** Ordered by sequence number. */
  #queue: Queued[] = []
  readonly #inFlight = new Set<Queued>()
  /** Consecutive rounds of failed attempts. While there are any, one batch at a time probes the collector. */
  #failedRounds = 0
  #retryAtMs = 0
  #retry: NodeJS.Timeout | undefined
  #endsAtMs = 0
  /** The largest body that the collector is known to accept. */
  #maxBytes: number

  constructor(options: RetryingExporterOptions) {
    this.#options = options
    this.#maxBytes = options.maxExportBytes
    this.#outageLog = new OutageLog(options.signal, options.settings, options.retention.maxBytes, options.onTrouble)
    options.retention.add(this)
  }

  get oldestSequence(): number | undefined {
    return this.#queue[0]?.sequence
  }

  /** Connects before there is a batch, so that at exit only the batch itself takes time. */
  prepare(): void {
    try {
      this.#transport ??= this.#options.createTransport()
      this.#transport.prepare?.()
    } catch {
      // The failure is reported with the first batch.
    }
  }

  take(batch: Batch): void {
    const { retention } = this.#options
    const queued = { batch, sequence: retention.nextSequence() }
    if (batch.body.byteLength <= this.#maxBytes || !this.#split(queued, this.#maxBytes)) this.#putBack(queued)
    this.#pump()
    retention.enforce()
  }

  dropOldest(): void {
    const oldest = this.#queue.shift()
    if (oldest !== undefined) this.#drop(oldest.batch, 'retained_full')
  }

  /** Attempts every queued batch at once, and gives up on a collector that refuses connections. */
  end({ endsAtMs }: ShutdownRequest): void {
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#outageLog.flush()
    this.#pump()
  }

  /** Removes all batches that are not settled, including those in flight, and returns them. */
  handOver(): Batch[] {
    const batches = [...this.#inFlight, ...this.#queue].map(({ batch }) => batch)
    this.#inFlight.clear()
    this.#queue = []
    return batches
  }

  /** Limited by the deadline: a tool may emit `exit` itself while the process goes on. */
  get #ending(): boolean {
    return Date.now() < this.#endsAtMs
  }

  #pump(): void {
    if (this.#retry !== undefined) return
    const limit = this.#failedRounds > 0 && !this.#ending ? 1 : MAX_REQUESTS_IN_FLIGHT
    while (this.#inFlight.size < limit) {
      const next = this.#queue.shift()
      if (next === undefined) return
      void this.#send(next)
    }
  }

  async #send(queued: Queued): Promise<void> {
    const { ledger } = this.#options
    const { batch } = queued
    this.#inFlight.add(queued)
    // A connection of an earlier attempt may still hold the body.
    const isFirst = queued.isAttempted !== true
    queued.isAttempted = true
    const attempt = await this.#attempt(batch)
    if (!this.#inFlight.delete(queued)) return
    if (attempt.status === 'success') {
      const rejected = Math.min(attempt.partial?.rejected ?? 0, batch.items)
      ledger.settle(batch, 'exported', rejected)
      if (isFirst && attempt.isWritten === true && this.#options.ownsBodies === true) free(batch.body)
      this.#outageLog.succeeded(attempt.partial)
      this.#failedRounds = 0
    } else if (attempt.status === 'failure' && attempt.tooLarge === true && this.#splitRefused(queued)) {
      this.#outageLog.split(attempt.reason)
    } else if (attempt.status === 'failure') {
      this.#outageLog.failed(attempt.reason, 'dropped')
      this.#drop(batch, 'rejected')
    } else if (this.#ending && attempt.refused === true) {
      this.#outageLog.failed(attempt.reason, 'dropped')
      this.#drop(batch, 'failed')
    } else {
      this.#outageLog.failed(attempt.reason, 'buffered')
      this.#putBack(queued)
      this.#retryIn(attempt.retryAfterMs)
      return
    }
    this.#pump()
  }

  /** Makes one attempt. Never rejects: a transport that cannot be created (yet) is one more reason to retry. */
  async #attempt({ body }: Batch): Promise<Attempt> {
    const { createTransport, settings } = this.#options
    try {
      this.#transport ??= createTransport()
      return await this.#transport.send(body, settings.timeoutMs)
    } catch (thrown) {
      return { status: 'retryable', reason: reasonOf(thrown), refused: true }
    }
  }

  #putBack(...queued: readonly Queued[]): void {
    const at = this.#queue.findIndex(({ sequence }) => sequence > (queued[0]?.sequence ?? 0))
    this.#queue.splice(at === -1 ? this.#queue.length : at, 0, ...queued)
    this.#options.retention.enforce()
  }

  /** Splits a batch that the collector refused for its size. Returns false for a single item, which is dropped. */
  #splitRefused(queued: Queued): boolean {
    const half = Math.ceil(queued.batch.body.byteLength / 2)
    if (!this.#split(queued, half)) return false
    this.#maxBytes = Math.max(Math.min(this.#maxBytes, half), LEAST_MAX_BYTES)
    return true
  }

  /** Queues the parts of a batch in its place. Returns false when it cannot be split. */
  #split({ batch, sequence }: Queued, maxBytes: number): boolean {
    const { settings, ledger } = this.#options
    const parts = splitBody(settings.protocol, batch, maxBytes)
    if (parts === undefined) return false
    const batches = parts.map((part) => ({ ...part, route: batch.route }))
    ledger.replace(batch, batches)
    this.#putBack(...batches.map((part) => ({ batch: part, sequence })))
    return true
  }

  /**
   * Schedules the next attempts. Attempts that fail together are one round; the latest time that the collector asked
   * for applies.
   */
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

  /** Returns the delay: the one the collector asked for, but at least the backoff and at most five minutes. */
  #waitMs(namedMs: number | undefined): number {
    const named = namedMs === undefined || Number.isNaN(namedMs) ? 0 : Math.min(namedMs, MAX_NAMED_MS)
    return Math.max(named, this.#backoffMs())
  }

  #backoffMs(): number {
    if (this.#ending) return END_BACKOFF_MS
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failedRounds - 1), MAX_BACKOFF_MS)
    return backoffMs * (0.8 + Math.random() * 0.2)
  }

  /** Counts and logs a dropped batch. */
  #drop(batch: Batch, loss: Loss): void {
    this.#options.ledger.settle(batch, loss)
    this.#outageLog.dropped(batch.items, loss === 'retained_full' ? 'buffer full' : 'failed')
  }
}

/** Detaches the buffer from its memory, which is freed at once. */
function free({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0)
}
