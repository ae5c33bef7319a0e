import { info, warn } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { hintFor } from './hints.ts'
import { itemCount, signalItems } from './worker-messages.ts'
import type { PartialSuccess } from './partial-success.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/**
 * Logs a collector's outage: its start with the reason and a hint; while it lasts, at most once a minute, another reason
 * and the number of dropped items; and its end.
 */
export class OutageLog {
  readonly #signal: Signal
  readonly #collector: string
  readonly #settings: OtlpSettings
  readonly #maxRetainedBytes: number
  readonly #log = new RateLimitedLog(warn)
  readonly #onTrouble: (reason: string | undefined) => void
  /** The reason of the latest failure since the last success. */
  #reason: string | undefined
  #isBeginLogged = false

  constructor(
    signal: Signal,
    settings: OtlpSettings,
    maxRetainedBytes: number,
    onTrouble: (reason: string | undefined) => void = () => {},
  ) {
    this.#signal = signal
    this.#collector = shownUrl(settings.endpoint)
    this.#settings = settings
    this.#maxRetainedBytes = maxRetainedBytes
    this.#onTrouble = onTrouble
  }

  /** Records a failed attempt, whose batch is `buffered` for another attempt or `dropped`. */
  failed(reason: string, fate: 'buffered' | 'dropped'): void {
    const before = this.#reason
    if (before !== undefined && withoutNumbers(before) === withoutNumbers(reason)) return
    this.#reason = reason
    const hint = hintFor(this.#settings, reason)
    const why = hint === undefined ? reason : `${reason}; ${hint}`
    this.#onTrouble(why)
    if (before !== undefined && this.#isBeginLogged) {
      this.#log.write('changed', () => `${this.#signal}: export to ${this.#collector} still failing, now (${why})`)
      return
    }
    const what =
      fate === 'buffered' ? `buffering up to ${inMebibytes(this.#maxRetainedBytes)} and retrying` : 'not retried'
    this.#log.write('failed', () => {
      this.#isBeginLogged = true
      return `${this.#signal}: export to ${this.#collector} failed (${why}); ${what}`
    })
  }

  /** Records that the collector refused a batch for its size, and that its parts are sent instead. */
  split(reason: string): void {
    this.#log.write(
      'split',
      () => `${this.#signal}: ${this.#collector} refused a batch as too large (${reason}); it is split and retried`,
    )
  }

  dropped(items: number): void {
    this.#log.write(
      'dropped',
      (count) => `${signalItems(this.#signal, count)} dropped, export to ${this.#collector} failed`,
      items,
    )
  }

  succeeded(partial: PartialSuccess | undefined): void {
    if (this.#reason !== undefined) this.#recovered()
    if (partial !== undefined) this.#partlyRejected(partial)
  }

  /** Writes lines that the rate limit holds back, at the end of the process. */
  flush(): void {
    this.#log.flush()
  }

  #recovered(): void {
    this.#reason = undefined
    this.#onTrouble(undefined)
    this.#log.cancel('failed')
    this.#log.cancel('changed')
    if (!this.#isBeginLogged) return
    this.#isBeginLogged = false
    const dropped = this.#log.cancel('dropped')
    const line = `${this.#signal}: export to ${this.#collector} recovered`
    if (dropped === 0) info(line)
    else warn(`${line}; ${itemCount(this.#signal, dropped)} dropped`)
  }

  #partlyRejected({ rejected, message }: PartialSuccess): void {
    const why = message === '' ? 'without a reason' : message
    this.#log.write(
      'rejected',
      (count) =>
        count === 0
          ? `${this.#signal}: ${this.#collector} accepted a batch with a warning: ${why}`
          : `${signalItems(this.#signal, count)} rejected by ${this.#collector} (${why})`,
      rejected,
    )
  }
}

/** Durations, ports and ids in a reason change from attempt to attempt. */
function withoutNumbers(reason: string): string {
  return reason.replace(/\d+/g, '0')
}

function inMebibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toPrecision(3))} MiB`
}
