import { REDACTED } from './urls.ts'

/** Matches the beginning of a URL's authority. URL parsers treat a backslash as a slash. */
const AUTHORITY = /[/\\]{2}/g
/** Matches the end of a URL in a text. */
const AFTER_URL = /[\s'"`<>()]/
/** Matches the end of a password that contains spaces. */
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
    scrubbed += text.slice(from, authorityAt) + withoutCredentials(text.slice(authorityAt, end))
    from = end
    AUTHORITY.lastIndex = Math.max(end, authorityAt)
  }
  return scrubbed + text.slice(from)
}

/** Hides the credentials in a URL without its scheme and slashes. */
function withoutCredentials(url: string): string {
  const length = url.search(/[/\\?#]/)
  let authority = length === -1 ? url : url.slice(0, length)
  // A password may contain an unencoded slash; then the text after the last colon is not a port.
  if (length !== -1 && hasPassword(authority)) authority = url.slice(0, Math.max(length, url.lastIndexOf('@') + 1))
  const at = authority.lastIndexOf('@')
  return at === -1 ? url : `${REDACTED}:${REDACTED}${url.slice(at)}`
}

/** Returns whether the text after the last colon of an authority is not a port. */
function hasPassword(authority: string): boolean {
  const host = authority.replace(/^\[[^\]]*\]/, '')
  return host.includes(':') && !PORT.test(host)
}

/** `nextAt` is the position of the next `@` at or after `from`. */
function urlEnd(text: string, from: number, nextAt: number): number {
  const end = endBefore(text, from, AFTER_URL, text.length)
  if (text[end] !== ' ' || nextAt < end || nextAt - end > MAX_PASSWORD_CHARS) return end
  // The password may contain unencoded spaces.
  if (!hasPassword(text.slice(from, end)) || endBefore(text, end, AFTER_LINE, nextAt) < nextAt) return end
  return endBefore(text, nextAt, AFTER_URL, text.length)
}

function endBefore(text: string, from: number, stop: RegExp, limit: number): number {
  let end = from
  while (end < limit && !stop.test(text[end] as string)) end += 1
  return end
}
