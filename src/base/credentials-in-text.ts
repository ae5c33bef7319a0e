/**
 * Matches where an authority may begin: after slashes, after a scheme and at most one slash, and after the words of
 * `Failed to parse URL from user:password@host`.
 */
const BEFORE_AUTHORITY = /[/\\]{2,}|:[/\\]?(?![/\\])|\burl(?: from)?:? ["'`]?/gi
const SCHEME = /\b[a-z][a-z0-9+.-]{0,20}$/i
const MAX_SCHEME_CHARS = 21
/** Schemes with an authority, which parsers find even if slashes are missing: `http:user:password@host`. */
const WITH_AUTHORITY =
  /^(?:url|https?|wss?|s?ftps?|postgres(?:ql)?|mongodb|mysqlx?|mariadb|rediss?|amqps?|mqtts?|nats|tls|ldaps?|smtps?|kafka|mssql|sqlserver|clickhouse|neo4j|bolt|socks\w{0,2}|tcp)$/i

const AFTER_AUTHORITY = /[\s'"`<>()/\\?#]/
const AFTER_URL = /[\s'"`<>()]/
/** How many characters of credentials may follow a character that ends the authority unless it is encoded. */
const MAX_UNENCODED_CHARS = 256
const MAX_ADDRESS_CHARS = 64
const PORT = /:\d{0,5}$/
const QUOTE = /["'`<>()]/

/** The beginning of a message of Node.js in which all the rest is a URL, whatever characters it contains. */
const BEFORE_MALFORMED = 'Failed to parse URL from '
const BEFORE_STACK = '\n    at '
const SCHEME_OF_URL = /^\s*[a-z][a-z0-9+.-]{0,20}:[/\\]*/i

/** Returns the ranges of URLs in messages of Node.js about a URL that cannot be parsed, in ascending order. */
export function malformedUrlsIn(text: string): readonly (readonly [start: number, end: number])[] {
  const ranges: [number, number][] = []
  for (let at = text.indexOf(BEFORE_MALFORMED); at !== -1;) {
    const start = at + BEFORE_MALFORMED.length
    const stack = text.indexOf(BEFORE_STACK, start)
    const end = stack === -1 ? text.length : stack
    ranges.push([start, end])
    at = text.indexOf(BEFORE_MALFORMED, end)
  }
  return ranges
}

/** Hides everything that may be user and password, up to the last `@`. */
function hideInMalformed(text: string, hidden: string): string {
  let shown = ''
  let from = 0
  for (const [start, end] of malformedUrlsIn(text)) {
    const url = text.slice(start, end)
    const at = url.lastIndexOf('@')
    if (at === -1) continue
    shown += text.slice(from, start) + (SCHEME_OF_URL.exec(url)?.[0] ?? '') + hidden
    from = start + at
  }
  return shown + text.slice(from)
}

/**
 * Replaces user and password of each URL in a text by `hidden`. Messages of errors repeat the URL that they are about, also
 * Node.js's own (`Request cannot be constructed from a URL that includes credentials: http://user:password@…`), and one that
 * is malformed: URL parsers take a backslash for a slash, and passwords have characters that nobody encoded. Takes time
 * linear in the length of the text.
 */
export function hideCredentialsIn(given: string, hidden: string): string {
  if (!given.includes('@')) return given
  const text = hideInMalformed(given, hidden)
  const search = new CredentialSearch(text)
  const marker = BEFORE_AUTHORITY
  marker.lastIndex = 0
  let shown = ''
  let from = 0
  for (let found = marker.exec(text); found !== null; found = marker.exec(text)) {
    const start = found.index + found[0].length
    const isScheme = found[0].startsWith(':')
    const scheme = isScheme ? schemeBefore(text, found.index) : ''
    if (isScheme && scheme === '') continue
    const at = search.endOfCredentials(start, isScheme && !WITH_AUTHORITY.test(scheme))
    if (at === -1) continue
    shown += text.slice(from, start) + hidden
    from = at
    marker.lastIndex = at + 1
  }
  return shown + text.slice(from)
}

function schemeBefore(text: string, colon: number): string {
  return SCHEME.exec(text.slice(Math.max(0, colon - MAX_SCHEME_CHARS), colon))?.[0] ?? ''
}

/** Finds the `@` of credentials. Results are cached, since several authorities may begin before the same `@`. */
class CredentialSearch {
  readonly #text: string
  #nextAt = -1
  #stop = -1

  constructor(text: string) {
    this.#text = text
  }

  /**
   * Returns the position of the `@` after the credentials, or -1. Must be called with ascending positions. `isOther` is
   * set after a scheme like `mailto`, where `user@host` has no credentials, but `user:password@host` has.
   */
  endOfCredentials(start: number, isOther: boolean): number {
    const text = this.#text
    if (this.#stop < start) this.#stop = endBefore(text, start, AFTER_AUTHORITY)
    const stop = this.#stop
    const last = this.#atFrom(start) < stop ? text.lastIndexOf('@', stop - 1) : -1
    if (isOther) return last !== -1 && text.slice(start, last).includes(':') ? last : -1
    if (!this.#isCutOff(last === -1 ? start : last + 1, stop)) return last
    const next = this.#atFrom(stop)
    return next - stop > MAX_UNENCODED_CHARS ? last : text.lastIndexOf('@', endBefore(text, next, AFTER_URL))
  }

  #atFrom(position: number): number {
    if (this.#nextAt < position) this.#nextAt = indexOrEnd(this.#text.indexOf('@', position))
    return this.#nextAt
  }

  /**
   * Returns whether the text after the last colon is not a port, so that host and port are a user and part of a
   * password.
   */
  #isCutOff(hostStart: number, stop: number): boolean {
    const text = this.#text
    let start = hostStart
    if (text[start] === '[') start += 1 + text.slice(start, start + MAX_ADDRESS_CHARS).indexOf(']')
    if (!text.slice(start, stop).includes(':')) return false
    const port = PORT.exec(text.slice(Math.max(start, stop - 6), stop))
    const behind = text[stop] ?? ''
    return port === null || behind === '#' || (port[0] === ':' && QUOTE.test(behind))
  }
}

function indexOrEnd(index: number): number {
  return index === -1 ? Infinity : index
}

function endBefore(text: string, from: number, stop: RegExp): number {
  let end = from
  while (end < text.length && !stop.test(text[end] as string)) end += 1
  return end
}
