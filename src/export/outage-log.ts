import { info, warn } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { hintFor } from './hints.ts'
import { itemCount, signalItems } from './worker-messages.ts'
import type { PartialSuccess } from './partial-success.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/**
 * Logs a collector's outage: its start with the reason and a hint; while it lasts, at most once a minute, another reason
 * and the number of dropped items with the reason; and its end.
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
  /** Why the latest items were dropped. */
  #dropReason = ''

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
    const fateText = fate === 'buffered' ? `buffering up to ${this.#buffer()} and retrying` : 'not retried, dropping'
    if (before !== undefined && this.#isBeginLogged) {
      this.#log.write('changed', () => `${this.#exportText()} still failing, now (${why}); ${fateText}`)
      return
    }
    this.#log.write('failed', () => {
      this.#isBeginLogged = true
      return `${this.#exportText()} failed (${why}); ${fateText}`
    })
  }

  /** Records that the collector refused a batch for its size, and that its parts are sent instead. */
  split(reason: string): void {
    this.#log.write(
      'split',
      () => `${this.#signal}: ${this.#collector} refused a batch as too large (${reason}); it is split and retried`,
    )
  }

  /** Counts dropped items. `because` is the reason of the failed export, or that the buffer is full. */
  dropped(items: number, because: 'failed' | 'buffer full'): void {
    const isFull = because === 'buffer full'
    const reason = isFull
      ? `the buffer is full: ${this.#buffer()}, OBS_MAX_RETAINED_BYTES`
      : (this.#reason ?? 'unknown')
    this.#dropReason = reason
    const where = isFull ? '' : `, export to ${this.#collector} failed`
    this.#log.write('dropped', (count) => `${signalItems(this.#signal, count)} dropped${where} (${reason})`, items)
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
    const line = `${this.#exportText()} recovered`
    if (dropped === 0) info(line)
    else warn(`${line}; ${itemCount(this.#signal, dropped)} dropped meanwhile (${this.#dropReason})`)
  }

  #exportText(): string {
    return `${this.#signal}: export to ${this.#collector}`
  }

  #buffer(): string {
    return inMebibytes(this.#maxRetainedBytes)
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
