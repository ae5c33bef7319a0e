import { constants } from 'node:os'
import { DATABASE_WORDS } from './database-words.ts'

const MAX_MESSAGE_CHARS = 4096

/**
 * Returns a database's error message without the values that it repeats (`Duplicate entry 'bob@example.com' for key
 * …`), whatever the language of the server. Only known text is kept: the words of the databases' own English messages,
 * names that also occur in the sanitized statement, error codes, and server addresses. Everything else becomes `?`.
 * Linear in the lengths of the texts.
 */
export function sanitizeDatabaseError(message: string, sanitizedStatement: string): string {
  const text = message.slice(0, MAX_MESSAGE_CHARS)
  if (PG_SUMMARY.test(text)) return text
  return new ErrorMessage(text, namesOf(sanitizedStatement)).sanitized()
}

/**
 * Returns a stack without values. Frames are kept; the text before, between and after them is sanitized. A stack begins
 * with the message that the error had when it was created, which query builders change afterwards.
 */
export function sanitizeStack(stack: string, sanitize: (text: string) => string): string {
  return stack.replaceAll(/^(?![ \t]+at ).+(?:\n(?![ \t]+at ).+)*/gm, sanitize)
}

/** Matches the summary that the pg instrumentation makes of an error, from its class and SQLSTATE. */
const PG_SUMMARY = /^PostgreSQL error of type '\w{1,60}' occurred \(code: \w{1,40}\)$/

const QUOTES = '\'"`'
const OTHER_QUOTES = '«»„“”‟‘’‚‛‹›「」『』《》〈〉＂＇´'
const OPENING = '([{'
const CLOSING = ')]}'
const SEPARATOR = /[\s,.;:/<>=!?|-]/
const WORD = /[\p{L}\p{M}\p{N}_$]+(?:['.-][\p{L}\p{M}\p{N}_$]+)*/uy
const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_$.]*$/u
const ERROR_CLASS = /^(?:[A-Z][A-Za-z]{0,60})?(?:Error|Exception)$/
const VENDOR_CODE = /^(?:E11\d{3}|(?:SQLITE|ER)_[A-Z_]{1,60}|(?:ORA|PLS|TNS|DPI|NJS)-\d{1,6})$/
/** A number after one of these words is a position and not a value. */
const BEFORE_NUMBERS: ReadonlySet<string> = new Set([
  'line',
  'position',
  'character',
  'offset',
  'code',
  'errno',
  'port',
])
const SCHEMAS: ReadonlySet<string> = new Set(['public', 'dbo', 'main', 'primary'])
const SYSTEM_ERRORS: ReadonlySet<string> = new Set([
  ...Object.keys(constants.errno),
  'ENOTFOUND',
  'ENODATA',
  'EAI_AGAIN',
  'EAI_FAIL',
])
const ADDRESS = / [\w.:[\]-]{1,255}/y

/** One message, read once from start to end. */
class ErrorMessage {
  readonly #text: string
  readonly #names: ReadonlySet<string>
  /** If quoted values contain quotes, it is unknown where the value ends. */
  readonly #isCut: boolean
  readonly #out: string[] = []
  #at = 0
  /** The length of `#out` after the last `?`; undefined if anything but separators has been added since. */
  #afterHidden: number | undefined
  #lastWord = ''

  constructor(text: string, names: ReadonlySet<string>) {
    const firstQuote = firstOfIllQuoted(text)
    this.#text = firstQuote === -1 ? text : text.slice(0, firstQuote)
    this.#names = names
    this.#isCut = firstQuote !== -1
  }

  sanitized(): string {
    while (this.#at < this.#text.length) this.#next()
    if (this.#isCut) this.#hide(this.#text.length)
    return this.#out.join('')
  }

  #next(): void {
    const char = this.#text[this.#at] as string
    if (QUOTES.includes(char)) return this.#quoted(this.#text.indexOf(char, this.#at + 1))
    if (OTHER_QUOTES.includes(char)) return this.#quoted(this.#nextOtherQuote())
    if (OPENING.includes(char)) return this.#hide(this.#closing())
    if (SEPARATOR.test(char)) return this.#separator(char)
    WORD.lastIndex = this.#at
    const word = WORD.exec(this.#text)?.[0]
    if (word === undefined) this.#hide(this.#at + 1)
    else this.#word(word)
  }

  #word(word: string): void {
    const end = this.#at + word.length
    if (SYSTEM_ERRORS.has(word)) {
      ADDRESS.lastIndex = end
      return this.#keep(word + (ADDRESS.exec(this.#text)?.[0] ?? ''))
    }
    const isKept =
      this.#isKnown(word) ||
      VENDOR_CODE.test(word) ||
      (/^\d{1,9}$/.test(word) && BEFORE_NUMBERS.has(this.#lastWord)) ||
      (ERROR_CLASS.test(word) && (end === this.#text.length || this.#text[end] === ':'))
    if (isKept) this.#keep(word)
    else this.#hide(end)
  }

  #quoted(end: number): void {
    if (end === -1) return this.#hide(this.#text.length)
    const inner = this.#text.slice(this.#at + 1, end)
    if (NAME.test(inner) && inner.split('.').every((part) => this.#isName(part)))
      this.#keep(this.#text.slice(this.#at, end + 1))
    else this.#hide(end + 1)
  }

  #isKnown(word: string): boolean {
    return DATABASE_WORDS.has(word.toLowerCase()) || word.split('.').every((part) => this.#isName(part))
  }

  /** The name of a table, a column or a constraint. */
  #isName(word: string): boolean {
    const lower = word.toLowerCase()
    return this.#names.has(lower) || SCHEMAS.has(lower)
  }

  #nextOtherQuote(): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (OTHER_QUOTES.includes(this.#text[at] as string)) return at
    }
    return -1
  }

  /** Returns the position after the matching closing bracket; the end of the text if there is none. */
  #closing(): number {
    let depth = 0
    for (let at = this.#at; at < this.#text.length; at++) {
      const char = this.#text[at] as string
      if (OPENING.includes(char)) depth += 1
      else if (CLOSING.includes(char) && --depth === 0) return at + 1
    }
    return this.#text.length
  }

  #separator(char: string): void {
    this.#out.push(char)
    this.#at += 1
  }

  #keep(part: string): void {
    this.#out.push(part)
    this.#at += part.length
    this.#afterHidden = undefined
    this.#lastWord = part.toLowerCase()
  }

  /** Adjacent hidden parts become one `?`. */
  #hide(end: number): void {
    if (this.#afterHidden === undefined) this.#afterHidden = this.#out.push('?')
    else this.#out.length = this.#afterHidden
    this.#at = end
    this.#lastWord = ''
  }
}

/** Returns the position of the first quote in a text with unbalanced quotes; -1 if they are balanced. */
function firstOfIllQuoted(text: string): number {
  const withoutApostrophes = text.replaceAll(/n't\b/g, 'n_t')
  for (const quote of QUOTES) {
    const parts = withoutApostrophes.split(quote)
    const pairs = parts.length % 2 === 1 && parts.slice(1, -1).every((part) => part !== '')
    if (!pairs) return withoutApostrophes.search(/['"`]/)
  }
  return -1
}

let lastStatement = ''
let lastNames: ReadonlySet<string> = new Set()

/** Message and stack of an error are sanitized one after the other, so the names are cached. */
function namesOf(sanitizedStatement: string): ReadonlySet<string> {
  if (sanitizedStatement !== lastStatement) {
    lastStatement = sanitizedStatement
    lastNames = new Set(sanitizedStatement.toLowerCase().match(/[\p{L}\p{M}\p{N}_$]+/gu))
  }
  return lastNames
}
