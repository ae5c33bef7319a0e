import { REDACTED } from './urls.ts'

const SCHEME_CHAR = /[a-z0-9+.-]/i
const MAX_SCHEME_CHARS = 31
/** What ends a URL in a text. */
const AFTER_URL = /[\s'"`<>()]/

/**
 * A text with the credentials of each URL in it hidden. Messages of errors repeat the URL that they are about, node's own too
 * (`Request cannot be constructed from a URL that includes credentials: http://user:password@…`). Linear in the text.
 */
export function scrubUrlsIn(text: string): string {
  let separator = text.indexOf('://')
  if (separator === -1 || !text.includes('@')) return text
  let scrubbed = ''
  let from = 0
  while (separator !== -1) {
    const start = schemeStart(text, separator, from)
    const end = urlEnd(text, separator + 3)
    scrubbed += text.slice(from, start) + withoutCredentials(text.slice(start, end))
    from = end
    separator = text.indexOf('://', end)
  }
  return scrubbed + text.slice(from)
}

function withoutCredentials(url: string): string {
  const authorityAt = url.indexOf('://') + 3
  const length = url.slice(authorityAt).search(/[/\\?#]/)
  let end = length === -1 ? url.length : authorityAt + length
  // A password may have a slash that nobody encoded; what follows a colon is then no port.
  if (length !== -1 && /:(?!\d{0,5}$)/.test(url.slice(authorityAt, end).replace(/^\[[^\]]*\]/, '')))
    end = Math.max(end, url.lastIndexOf('@') + 1)
  const at = url.lastIndexOf('@', end - 1)
  if (at < authorityAt) return url
  return `${url.slice(0, authorityAt)}${REDACTED}:${REDACTED}${url.slice(at)}`
}

function schemeStart(text: string, separator: number, from: number): number {
  let start = separator
  const limit = Math.max(from, separator - MAX_SCHEME_CHARS)
  while (start > limit && SCHEME_CHAR.test(text[start - 1] as string)) start -= 1
  return start
}

function urlEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && !AFTER_URL.test(text[end] as string)) end += 1
  return end
}
