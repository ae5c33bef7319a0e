import { MAX_VALUE_CHARS } from './cut-values.ts'
import { mayContain, replaceAt, searchLinear } from './linear-search.ts'

const MAX_KNOWN = 64
/** A shorter beginning of a message at the end of a text may be there by chance. */
const MIN_BEGINNING_CHARS = 16

interface KnownError {
  /** The message, or its first 16,384 characters, which is all that the span of a driver contains. */
  readonly message: string
  readonly sanitized: string
  /** Whether the message may continue. */
  readonly isCut: boolean
}

/**
 * Recently sanitized messages of database errors. An app passes such an error on, and a span of a request handler or of
 * the app records it again. All of them together take at most 2 MB.
 */
export class KnownErrors {
  /** By message, the oldest first. */
  readonly #known = new Map<string, KnownError>()
  #longestFirst: readonly KnownError[] | undefined

  remember(message: string, sanitized: string): void {
    if (message === sanitized || message === '') return
    const isCut = message.length >= MAX_VALUE_CHARS
    const beginning = isCut ? beginningOf(message) : message
    this.#known.delete(beginning)
    this.#known.set(beginning, { message: beginning, sanitized, isCut })
    this.#longestFirst = undefined
    if (this.#known.size <= MAX_KNOWN) return
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest)
      return
    }
  }

  /** Remembers a message that was hidden whole. */
  rememberHidden(message: string): void {
    if (!this.#known.has(message.slice(0, MAX_VALUE_CHARS))) this.remember(message, '?')
  }

  /** A longer message is tried first, because it may contain a shorter one. */
  sanitize(text: string): string {
    const whole = this.#known.get(text)
    if (whole !== undefined) return whole.sanitized
    this.#longestFirst ??= [...this.#known.values()].toSorted((a, b) => b.message.length - a.message.length)
    let sanitized = text
    for (const known of this.#longestFirst) {
      if (mayContain(sanitized, known.message)) sanitized = replaceKnown(sanitized, known)
    }
    return sanitized
  }
}

/** Copies the characters: a slice would keep the whole message in memory. */
function beginningOf(message: string): string {
  return Buffer.from(message.slice(0, MAX_VALUE_CHARS), 'utf16le').toString('utf16le')
}

/**
 * Where only the beginning of the message is known, the rest of the text is dropped: it is unknown where the message
 * ends. A text that was truncated may end within the message.
 */
function replaceKnown(text: string, { message, sanitized, isCut }: KnownError): string {
  const { positions, endChars } = searchLinear(text, message)
  const [first] = positions
  if (isCut && first !== undefined) return text.slice(0, first) + sanitized
  const shownChars = commonChars(message, sanitized)
  const endsWithin = endChars >= MIN_BEGINNING_CHARS && endChars > shownChars
  const whole = endsWithin ? text.slice(0, shownChars - endChars) : text
  return replaceAt(whole, positions, message.length, sanitized) + (endsWithin ? '?' : '')
}

/** Returns how many characters two texts have in common from their start. */
function commonChars(a: string, b: string): number {
  let chars = 0
  while (chars < a.length && a[chars] === b[chars]) chars += 1
  return chars
}
