import { info, warn } from '../diag.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import type { Ledger, Outcome } from './ledger.ts'
import type { Batch } from './messages.ts'
import type { Transport } from './transport.ts'

const CONCURRENCY = 8
const FIRST_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 4000
const END_BACKOFF_MS = 50

export interface DestinationOptions {
  readonly signal: Signal
  readonly settings: OtlpSettings
  readonly transport: Transport
  readonly ledger: Ledger
  readonly maxRetainedBytes: number
}

/**
 * One signal's collector: sends batches, keeps them while it is away (the oldest are dropped at a bound in bytes), and
 * says once an episode what became of them.
 */
export class Destination {
  readonly #options: DestinationOptions
  #queue: Batch[] = []
  #inFlight = 0
  /** Consecutive failures: while there are any, one batch at a time probes the collector. */
  #failures = 0
  #retry: NodeJS.Timeout | undefined
  #ending = false
  #lost = 0

  constructor(options: DestinationOptions) {
    this.#options = options
  }

  take(batch: Batch): void {
    this.#queue.push(batch)
    this.#dropOverBound()
    this.#pump()
  }

  /** The process ends: everything is tried now, and nothing waits for somebody who does not listen. */
  end(): void {
    this.#ending = true
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#pump()
  }

  #pump(): void {
    if (this.#retry !== undefined) return
    const limit = this.#failures > 0 && !this.#ending ? 1 : CONCURRENCY
    while (this.#inFlight < limit) {
      const batch = this.#queue.shift()
      if (batch === undefined) return
      void this.#send(batch)
    }
  }

  async #send(batch: Batch): Promise<void> {
    const { transport, settings, ledger, signal } = this.#options
    this.#inFlight++
    const attempt = await transport.send(batch.body, settings.timeoutMs)
    this.#inFlight--
    if (attempt.status === 'success') {
      ledger.succeeded()
      this.#settle(batch, 'exported')
      this.#recovered()
    } else if (attempt.status === 'failure') {
      this.#lose(batch, 'rejected', attempt.reason)
    } else if (this.#ending && attempt.refused === true) {
      this.#lose(batch, 'failed', attempt.reason)
    } else {
      if (this.#failures++ === 0) {
        warn(`${signal}: ${settings.endpoint} cannot take them (${attempt.reason}); they are kept and sent again`)
      }
      this.#queue.unshift(batch)
      this.#dropOverBound()
      this.#retryIn(attempt.retryAfterMs ?? this.#backoffMs())
      return
    }
    this.#pump()
  }

  #retryIn(delayMs: number): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#pump()
    }, delayMs)
  }

  #backoffMs(): number {
    if (this.#ending) return END_BACKOFF_MS
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS)
    return backoffMs * (0.8 + Math.random() * 0.2)
  }

  #recovered(): void {
    if (this.#failures > 0) {
      info(`${this.#options.signal}: ${this.#options.settings.endpoint} takes them again`)
      this.#failures = 0
    }
  }

  #dropOverBound(): void {
    const { ledger, maxRetainedBytes } = this.#options
    while (ledger.retainedBytes > maxRetainedBytes && this.#queue.length > 1) {
      const oldest = this.#queue.shift()
      if (oldest !== undefined) this.#lose(oldest, 'retained_full', `more than ${maxRetainedBytes} bytes are waiting`)
    }
  }

  #lose(batch: Batch, outcome: Outcome, reason: string): void {
    if (this.#lost === 0) {
      warn(`${this.#options.signal}: ${batch.items} lost at ${this.#options.settings.endpoint} (${reason})`)
    }
    this.#lost += batch.items
    this.#settle(batch, outcome)
  }

  #settle(batch: Batch, outcome: Outcome): void {
    const { ledger, signal } = this.#options
    ledger.count(signal, outcome, batch.items)
    ledger.settle(batch.body.byteLength)
  }
}
