import { MAX_STATEMENT_CHARS } from '../base/statement-limit.ts'
import type { SqlDialect } from './sql-dialects.ts'

/** A name, a keyword or a variable. */
const WORD = /[\p{L}\p{M}_@][\p{L}\p{M}\p{N}_@$]*/uy
/** For dialects in which `#` does not begin a comment. */
const WORD_WITH_HASH = /[\p{L}\p{M}_@#][\p{L}\p{M}\p{N}_@#$]*/uy
const NUMBER = /[\d.][\p{L}\p{N}_$.]*(?:(?<=[eE])[+-]\d[\p{L}\p{N}_]*)?/uy
/** Names have at most 63 bytes in PostgreSQL. */
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]{0,62})?\$/uy
/** Matches text that is certainly a name and not a value in the wrong quotes. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_$ .:-]{0,127}$/u
const MAX_WORD_CHARS = 256
const ONE_WORD = /^[\p{L}_][\p{L}\p{M}\p{N}_$]{0,127}$/u
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' }

/** Reads one statement once from start to end; `run` returns it without its literals. */
export class SqlSanitizer {
  readonly #text: string
  readonly #dialect: SqlDialect
  #at = 0
  #out = ''
  #replaced = false
  /**
   * The closing position of a bracket that was found to quote no name and to contain nothing that could end a quoted
   * value.
   */
  #plainUntil = 0
  #afterIdentified = false

  constructor(text: string, dialect: SqlDialect) {
    this.#text = text.length > MAX_STATEMENT_CHARS ? text.slice(0, MAX_STATEMENT_CHARS) : text
    this.#dialect = dialect
  }

  run(): string {
    while (this.#at < this.#text.length) this.#next()
    return this.#replaced ? withShortLists(this.#out.trimEnd()) : this.#out
  }

  #next(): void {
    const char = this.#text[this.#at] as string
    switch (char) {
      case "'":
        return this.#string("'", false)
      case '"':
        return this.#dialect.doubleQuotes === 'value' ? this.#string('"', false) : this.#name('"')
      case '`':
        return this.#maybeName('`', this.#dialect.backticksQuoteNames)
      case '[':
        return this.#maybeName(']', this.#dialect.bracketsQuoteNames)
      case '-':
        return this.#dash()
      case '/':
        return this.#slash()
      case '#':
        if (this.#dialect.hashComments !== false) return this.#lineComment(this.#dialect.hashComments)
        break
      case '$':
        return this.#dollar()
      default:
    }
    if (this.#isPlaceholder(char)) return this.#placeholder()
    if (isDigit(char) || (char === '.' && isDigit(this.#text[this.#at + 1]))) return this.#number()
    const word = this.#match(this.#dialect.hashComments === false ? WORD_WITH_HASH : WORD)
    if (word === undefined) this.#keep(char)
    else this.#word(word)
  }

  #word(word: string): void {
    if (this.#text[this.#at + word.length] === "'" && word.length <= 2) {
      const prefix = word.toLowerCase()
      if (prefix === 'q' || prefix === 'nq') {
        if (this.#dialect.qQuotes === undefined) return this.#cut()
        if (this.#dialect.qQuotes) return this.#qString(this.#at + word.length)
      }
      if (prefix.length === 1 && 'ebnx'.includes(prefix)) {
        this.#at += 1
        return this.#string("'", prefix === 'e' && this.#dialect.dollarQuotes === true)
      }
    }
    if (/^(?:true|false)$/i.test(word)) this.#replace(this.#at + word.length)
    else this.#keep(word)
    // A password of Oracle is a word or a quoted name.
    if (this.#afterIdentified && word.length === 2 && /^by$/i.test(word)) {
      this.#keep(' ')
      this.#cut()
    }
    this.#afterIdentified = word.length === 10 && /^identified$/i.test(word)
  }

  /**
   * `escapes` is whether a backslash certainly escapes the next character. If not, it depends on the server's settings.
   */
  #string(quote: string, escapes: boolean): void {
    let at = this.#at + 1
    for (;;) {
      at = this.#text.indexOf(quote, at)
      if (at === -1) return this.#cut()
      const isEscaped = backslashesBefore(this.#text, at) % 2 === 1
      if (isEscaped && !escapes) return this.#cut()
      if (isEscaped) at += 1
      else if (this.#text[at + 1] === quote) at += 2
      else return this.#replace(at + 1)
    }
  }

  /** Reads Oracle's `q'[it's]'`. */
  #qString(quoteAt: number): void {
    const open = this.#text[quoteAt + 1] ?? ''
    const end = this.#text.indexOf(`${CLOSING[open] ?? open}'`, quoteAt + 2)
    if (end === -1) this.#cut()
    else this.#replace(end + 2)
  }

  #maybeName(close: string, quotesNames: boolean | undefined): void {
    if (quotesNames === true) return this.#name(close)
    if (quotesNames === undefined) {
      // The end is searched once, even if many brackets share it.
      const end = this.#plainUntil > this.#at ? this.#plainUntil : this.#text.indexOf(close, this.#at + 1)
      const inner = end === -1 ? '' : this.#text.slice(this.#at + 1, end)
      if (inner.length <= MAX_WORD_CHARS && ONE_WORD.test(inner)) return this.#keep(this.#text.slice(this.#at, end + 1))
      if (close === '`' || end === -1) return this.#cut()
      if (end !== this.#plainUntil && /['"`$]|\/\*|--/.test(inner)) return this.#cut()
      this.#plainUntil = end
    }
    this.#keep(this.#text[this.#at] as string)
  }

  #name(close: string): void {
    let end = this.#text.indexOf(close, this.#at + 1)
    while (end !== -1 && this.#text[end + 1] === close) end = this.#text.indexOf(close, end + 2)
    if (end === -1) return this.#cut()
    if (PLAIN_NAME.test(this.#text.slice(this.#at + 1, end))) this.#keep(this.#text.slice(this.#at, end + 1))
    else this.#replace(end + 1)
  }

  #dash(): void {
    if (this.#text[this.#at + 1] !== '-') return this.#keep('-')
    const { dashCommentNeedsSpace } = this.#dialect
    if (dashCommentNeedsSpace === false || /^\s?$/.test(this.#text[this.#at + 2] ?? '')) return this.#lineComment(true)
    if (dashCommentNeedsSpace === undefined) return this.#lineComment(undefined)
    this.#keep('--')
  }

  #slash(): void {
    const next = this.#text[this.#at + 1]
    if (next === '*') return this.#blockComment()
    if (next === '/' && this.#dialect.slashComments !== false) return this.#lineComment(this.#dialect.slashComments)
    this.#keep('/')
  }

  #lineComment(isComment: boolean | undefined): void {
    const newline = this.#text.indexOf('\n', this.#at)
    const end = newline === -1 ? this.#text.length : newline
    // Some servers end a comment at a lone carriage return.
    if (isComment === undefined || this.#text.slice(this.#at, end).trimEnd().includes('\r')) this.#cut()
    else this.#drop(end)
  }

  #blockComment(): void {
    const { nestedComments } = this.#dialect
    const start = this.#at
    let depth = 1
    let at = this.#at + 2
    let close = this.#text.indexOf('*/', at)
    let open = nestedComments === false ? -1 : this.#text.indexOf('/*', at)
    while (depth > 0) {
      // The next search starts after the previous result, so the text is read twice at most.
      if (close !== -1 && close < at) close = this.#text.indexOf('*/', at)
      if (open !== -1 && open < at) open = this.#text.indexOf('/*', at)
      if (close === -1) return this.#drop(this.#text.length)
      if (open === -1 || open > close) depth -= 1
      else if (nestedComments === undefined) return this.#cut()
      else depth += 1
      at = (open === -1 || open > close ? close : open) + 2
    }
    // MySQL executes the content of `/*! … */`, so a string in it may contain the end of the comment.
    if (this.#text[start + 2] === '!' && /['"`]/.test(this.#text.slice(start, at))) return this.#cut()
    this.#drop(at)
  }

  #dollar(): void {
    const tag = this.#dialect.dollarQuotes === false ? undefined : this.#match(DOLLAR_TAG)
    if (tag !== undefined) {
      if (this.#dialect.dollarQuotes === undefined) return this.#cut()
      const end = this.#text.indexOf(tag, this.#at + tag.length)
      return end === -1 ? this.#cut() : this.#replace(end + tag.length)
    }
    if (this.#isPlaceholder('$')) this.#placeholder()
    else this.#keep('$')
  }

  #isPlaceholder(char: string): boolean {
    return this.#dialect.placeholders.includes(char) && isDigit(this.#text[this.#at + 1])
  }

  #placeholder(): void {
    let end = this.#at + 1
    while (isDigit(this.#text[end])) end += 1
    this.#keep(this.#text.slice(this.#at, end))
  }

  #number(): void {
    this.#replace(this.#at + Math.max(1, this.#match(NUMBER)?.length ?? 1))
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }

  #keep(part: string): void {
    this.#out += part
    this.#at += part.length
  }

  #replace(end: number): void {
    this.#out += '?'
    this.#at = end
    this.#replaced = true
  }

  #drop(end: number): void {
    this.#out += ' '
    this.#at = end
    this.#replaced = true
  }

  #cut(): void {
    this.#replace(this.#text.length)
  }
}

function backslashesBefore(text: string, at: number): number {
  let count = 0
  while (text[at - 1 - count] === '\\') count += 1
  return count
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

/** Shortens `IN (?, ?, ?)` and `VALUES (?, ?), (?, ?)`, so that the statement is the same for lists of any length. */
function withShortLists(sanitized: string): string {
  return sanitized
    .replaceAll(/(\bIN\s{0,9}\()\s{0,9}\?(?:\s{0,9},\s{0,9}\?)+\s{0,9}\)/gi, '$1?)')
    .replaceAll(/(\((?:\?(?:,\s{0,9})?)+\))(?:,\s{0,9}\((?:\?(?:,\s{0,9})?)+\))+/g, '$1')
}
