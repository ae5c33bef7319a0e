import type { Attributes } from '@opentelemetry/api'

/** Path and query, as in the properties of a URL. */
export interface RequestTarget {
  readonly pathname: string
  readonly search: string
}

/**
 * Matches a path without dot segments, and a query, whose characters need no encoding (https://url.spec.whatwg.org, the
 * path and the query percent-encode set): the URL parser would return them unchanged.
 */
const PLAIN = /^((?:\/(?![/.]|%2[eE])[\w~!$&'()*+,;=:@%.-]*)+)(\?[\w~!$&()*+,;=:@%./?|^{}[\]-]*)?$/

/** A path up to this length needs no budget of privacy work. */
const MAX_PLAIN_CHARS = 1024

/** Returns whether a path is simple and short: the URL parser and every rule of privacy leave it as it is. */
export function isPlainPath(url: string, from: number = 0): boolean {
  return url.length <= MAX_PLAIN_CHARS && isSimplePath(url, from)
}

/**
 * Returns whether the path that begins at `from` consists of letters, digits, `-` and `_`, as most do. This is faster
 * than a regular expression.
 */
function isSimplePath(url: string, from: number = 0): boolean {
  if (url.charCodeAt(from) !== 47 /* / */) return false
  let before = 0
  for (let i = from; i < url.length; i++) {
    const code = url.charCodeAt(i)
    const isWord =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 45 ||
      code === 95
    if (!isWord && (code !== 47 || before === 47)) return false
    before = code
  }
  return true
}

/** Returns undefined if the URL parser is needed. */
export function plainTarget(url: string | undefined): RequestTarget | undefined {
  if (url !== undefined && isSimplePath(url)) return { pathname: url, search: '' }
  const match = url === undefined ? null : PLAIN.exec(url)
  if (match === null) return undefined
  const [, pathname = '', search = ''] = match
  return { pathname, search: search === '?' ? '' : search }
}

/** The result for text that is not a URL. */
const NO_TARGET: RequestTarget = { pathname: '', search: '' }

/**
 * Parses the target of a request line. An authority (that of CONNECT) has no path, nor has what may be one with
 * credentials.
 */
export function requestTargetOf(url: string): RequestTarget {
  const plain = plainTarget(url)
  if (plain !== undefined) return plain
  const absolute = url.startsWith('/') ? null : URL.parse(url)
  if (absolute === null && !url.startsWith('/') && url.includes('@')) return NO_TARGET
  const target = absolute ?? URL.parse(url, 'http://localhost')
  return target?.pathname.startsWith('/') === true ? target : NO_TARGET
}

/** Returns `url.path` and `url.query`, or neither if the target is not a URL. */
export function requestTargetAttributes(target: RequestTarget): Attributes {
  if (target === NO_TARGET) return {}
  const { pathname, search } = target
  return search === '' ? { 'url.path': pathname } : { 'url.path': pathname, 'url.query': search.slice(1) }
}
