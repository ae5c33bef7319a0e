import { info, warn } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { hintFor } from './hints.ts'
import type { PartialSuccess } from './partial-success.ts'
import { Telling } from './telling.ts'

/**
 * What is said of a collector in trouble: when it begins, with what is likely wrong; while it lasts, what was lost, at most
 * once a minute; when it ends. One that comes and goes is not said each time.
 */
export class Episode {
  readonly #who: string
  readonly #settings: OtlpSettings
  readonly #maxRetainedBytes: number
  readonly #telling = new Telling(warn)
  readonly #onTrouble: (reason: string | undefined) => void
  /** The reason of the first failure since the last success. */
  #reason: string | undefined
  #beginTold = false

  constructor(
    signal: Signal,
    settings: OtlpSettings,
    maxRetainedBytes: number,
    onTrouble: (reason: string | undefined) => void = () => {},
  ) {
    this.#who = `${signal}: ${shownUrl(settings.endpoint)}`
    this.#settings = settings
    this.#maxRetainedBytes = maxRetainedBytes
    this.#onTrouble = onTrouble
  }

  /** An attempt failed; what was sent is `kept` for another one, or `lost`. */
  troubled(reason: string, fate: 'kept' | 'lost'): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    const hint = hintFor(this.#settings, reason)
    const why = hint === undefined ? reason : `${reason}; ${hint}`
    this.#onTrouble(why)
    const what =
      fate === 'kept' ? `they are kept, up to ${inMebibytes(this.#maxRetainedBytes)}, and sent again` : 'they are lost'
    this.#telling.say('trouble', () => {
      this.#beginTold = true
      return `${this.#who} does not take them (${why}); ${what}`
    })
  }

  /** A batch was refused for its size; its parts are sent. */
  split(reason: string): void {
    this.#telling.say(
      'split',
      () => `${this.#who} refused a batch as too large (${reason}); it is split and sent again`,
    )
  }

  lost(items: number): void {
    this.#telling.say('lost', (count) => `${this.#who} did not take ${count}, which are lost`, items)
  }

  succeeded(partial: PartialSuccess | undefined): void {
    if (this.#reason !== undefined) this.#recovered()
    if (partial !== undefined) this.#partlyRejected(partial)
  }

  /** The process ends: what waits for its minute is said now. */
  flush(): void {
    this.#telling.flush()
  }

  #recovered(): void {
    this.#reason = undefined
    this.#onTrouble(undefined)
    this.#telling.cancel('trouble')
    if (!this.#beginTold) return
    this.#beginTold = false
    const lost = this.#telling.cancel('lost')
    if (lost === 0) info(`${this.#who} takes them again`)
    else warn(`${this.#who} takes them again; ${lost} were lost`)
  }

  #partlyRejected({ rejected, message }: PartialSuccess): void {
    const why = message === '' ? 'without a reason' : message
    this.#telling.say(
      'rejected',
      (count) =>
        count === 0 ? `${this.#who} takes them and warns: ${why}` : `${this.#who} rejected ${count} (${why})`,
      rejected,
    )
  }
}

function inMebibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toPrecision(3))} MiB`
}
