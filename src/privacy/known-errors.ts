import { replaceLinear } from './linear-search.ts'

const MAX_KNOWN = 64
/** Longer ones are not known again: 4 MB are enough for all of them. */
const MAX_MESSAGE_CHARS = 32_768

/**
 * Messages of databases' errors that were sanitized of late. An app passes such an error on, and the span of a request handler or
 * of the app's own records it once more.
 */
export class KnownErrors {
  /** Oldest first. */
  readonly #sanitized = new Map<string, string>()

  remember(message: string, sanitized: string): void {
    if (message === sanitized || message.length > MAX_MESSAGE_CHARS) return
    this.#sanitized.delete(message)
    this.#sanitized.set(message, sanitized)
    if (this.#sanitized.size <= MAX_KNOWN) return
    for (const oldest of this.#sanitized.keys()) {
      this.#sanitized.delete(oldest)
      return
    }
  }

  get isEmpty(): boolean {
    return this.#sanitized.size === 0
  }

  /** The latest first: it may be made of an earlier one, and hold more. */
  sanitize(text: string): string {
    const whole = this.#sanitized.get(text)
    if (whole !== undefined) return whole
    let sanitized = text
    for (const [message, known] of [...this.#sanitized].toReversed()) {
      sanitized = replaceLinear(sanitized, message, known)
    }
    return sanitized
  }
}
