import { replaceLinear } from './linear-search.ts'

const MAX_KNOWN = 64
/** Longer messages are not remembered, which limits the memory for all of them to 4 MB. */
const MAX_MESSAGE_CHARS = 32_768

/**
 * Recently sanitized messages of database errors. An app passes such an error on, and a span of a request handler or of
 * the app records it again.
 */
export class KnownErrors {
  /** The oldest first. */
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

  /** The latest message is tried first, because it may contain an earlier one. */
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
