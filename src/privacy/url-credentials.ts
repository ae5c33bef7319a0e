import { REDACTED } from './urls.ts'

const SCHEME_CHAR = /[a-z0-9+.-]/i
const MAX_SCHEME_CHARS = 31
/** Where the authority of a URL begins: URL parsers take a backslash for a slash. */
const AUTHORITY = /[/\\]{2}/g
/** What ends a URL in a text. */
const AFTER_URL = /[\s'"`<>()]/
/** What ends a password that has blanks in it. */
const AFTER_LINE = /[\r\n'"`<>]/
const MAX_PASSWORD_CHARS = 256
const PORT = /:\d{0,5}$/

/**
 * Returns a text with the credentials of each URL in it hidden. Messages of errors repeat the URL that they are about, also
 * Node.js's own (`Request cannot be constructed from a URL that includes credentials: http://user:password@…`), and one that
 * cannot be parsed. Linear in the length of the text.
 */
export function scrubUrlsIn(text: string): string {
  if (!text.includes('@')) return text
  let scrubbed = ''
  let from = 0
  let nextAt = -1
  AUTHORITY.lastIndex = 0
  for (let found = AUTHORITY.exec(text); found !== null; found = AUTHORITY.exec(text)) {
    const authorityAt = found.index + 2
    if (nextAt < authorityAt) nextAt = text.indexOf('@', authorityAt)
    if (nextAt === -1) break
    const end = urlEnd(text, authorityAt, nextAt)
    scrubbed +=
      text.slice(from, schemeStart(text, found.index, from)) + withoutCredentials(text, authorityAt, end, from)
    from = end
    AUTHORITY.lastIndex = Math.max(end, authorityAt)
  }
  return scrubbed + text.slice(from)
}

/** Returns the URL, whose authority begins at `authorityAt`, from its scheme to `urlEndAt`. */
function withoutCredentials(text: string, authorityAt: number, urlEndAt: number, from: number): string {
  const start = schemeStart(text, authorityAt - 2, from)
  const afterScheme = text.slice(authorityAt, urlEndAt)
  const length = afterScheme.search(/[/\\?#]/)
  let authority = length === -1 ? afterScheme : afterScheme.slice(0, length)
  // A password may have a slash that nobody encoded; what follows a colon is then no port.
  if (length !== -1 && hasPassword(authority)) {
    authority = afterScheme.slice(0, Math.max(length, afterScheme.lastIndexOf('@') + 1))
  }
  const at = authority.lastIndexOf('@')
  if (at === -1) return text.slice(start, urlEndAt)
  return `${text.slice(start, authorityAt)}${REDACTED}:${REDACTED}${afterScheme.slice(at)}`
}

/** Whether what follows the last colon of an authority is no port. */
function hasPassword(authority: string): boolean {
  const host = authority.replace(/^\[[^\]]*\]/, '')
  return host.includes(':') && !PORT.test(host)
}

function schemeStart(text: string, separator: number, from: number): number {
  let start = text[separator - 1] === ':' ? separator - 1 : separator
  const limit = Math.max(from, start - MAX_SCHEME_CHARS)
  while (start > limit && SCHEME_CHAR.test(text[start - 1] as string)) start -= 1
  return start
}

/** `nextAt`: where the next `@` is, at `from` or later. */
function urlEnd(text: string, from: number, nextAt: number): number {
  const end = endBefore(text, from, AFTER_URL, text.length)
  if (text[end] !== ' ' || nextAt < end || nextAt - end > MAX_PASSWORD_CHARS) return end
  // The password may have blanks that nobody encoded.
  if (!hasPassword(text.slice(from, end)) || endBefore(text, end, AFTER_LINE, nextAt) < nextAt) return end
  return endBefore(text, nextAt, AFTER_URL, text.length)
}

function endBefore(text: string, from: number, stop: RegExp, limit: number): number {
  let end = from
  while (end < limit && !stop.test(text[end] as string)) end += 1
  return end
}
