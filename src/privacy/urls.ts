import { hideCredentialsIn } from '../base/credentials-in-text.ts'

export const REDACTED = 'REDACTED'
/** Replaces user and password. */
const USER_INFO = `${REDACTED}:${REDACTED}@`

const SCHEME = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\//i

/** Longer URLs, and parts of one, are hidden whole: truncated, they could end inside a credential. */
export const MAX_URL_CHARS = 16_384

/** Matches parameters that carry a credential, which is hidden even if query values are shown. */
const SECRET_PARAMETER =
  /^(?:awsaccesskeyid|signature|sig|x-(?:amz|goog)-(?:signature|credential|security-token)|(?:access|id|refresh|auth|api|csrf|xsrf|session)?[-_]?token|jwt|jsessionid|phpsessid|(?:session|s)id|code|assertion|pass(?:word|wd|phrase)?|pwd|(?:client[-_]?)?secret|(?:api|access|private|secret)[-_]?key(?:[-_]?id)?|auth(?:orization)?|credentials?)$/i

/**
 * Returns a URL for `url.full`, without credentials, and without values of the query and fragment unless they are
 * allowed. Names of parameters and the path are kept, except `;name=value` parameters in the path. Accepts a path alone
 * as well. Semantic conventions, attributes/url.
 */
export function scrubUrl(url: string, showsQuery: boolean): string {
  const [beforeHash, hash] = splitBefore(url, '#')
  const [base, query] = splitBefore(beforeHash, '?')
  let shown = base
  if (url.includes('@')) {
    const whole = hideUserInfo(url)
    shown = hideUserInfo(base)
    // A password may contain a `?` or `#` that nobody encoded: then it is unknown what is a host and what is a value.
    if (!whole.startsWith(shown)) return whole.slice(0, whole.indexOf(USER_INFO) + USER_INFO.length)
    shown = withoutUserInfo(shown)
  }
  return scrubPath(shown, showsQuery) + scrubQuery(query, showsQuery) + scrubFragment(hash, showsQuery)
}

/** Splits a text in front of a separator; without one, the second part is empty. */
function splitBefore(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}

/** `hash` begins with `#`, unless it is empty. */
function scrubFragment(hash: string, showsValue: boolean): string {
  if (hash.length < 2) return ''
  return showsValue ? hash : `#${REDACTED}`
}

/** Returns a query for `url.query`; a leading `?` is kept. */
export function scrubQuery(query: string, showsValues: boolean): string {
  const start = query.startsWith('?') ? 1 : 0
  if (query.length === start) return query
  const parts = query.slice(start).split('&')
  return query.slice(0, start) + parts.map((part) => scrubParameter(part, showsValues)).join('&')
}

/** Hides the parameters in a path such as `/app;jsessionid=…`. */
export function scrubPath(path: string, showsValues: boolean): string {
  if (!path.includes(';')) return path
  return path.replaceAll(/;[^;/]*/g, (parameter) => `;${scrubParameter(parameter.slice(1), showsValues)}`)
}

function scrubParameter(parameter: string, showsValue: boolean): string {
  const equals = parameter.indexOf('=')
  // A parameter without a value may itself be a secret; some clients append `=`.
  const name = /=./.test(parameter) ? parameter.slice(0, equals) : undefined
  if (showsValue && (name === undefined || !SECRET_PARAMETER.test(name))) return parameter
  if (parameter === '') return ''
  return name === undefined || /^=+$/.test(parameter.slice(equals)) ? REDACTED : `${name}=${REDACTED}`
}

/** `base` is a URL up to its query, which begins with the authority, whatever characters that contains. */
function withoutUserInfo(base: string): string {
  const scheme = SCHEME.exec(base)?.[0]
  if (scheme === undefined) return base
  const afterScheme = base.slice(scheme.length)
  const [authority = ''] = afterScheme.split(/[/\\]/, 1)
  const at = authority.lastIndexOf('@')
  if (at === -1) return base
  return scheme + USER_INFO + afterScheme.slice(at + 1)
}

/**
 * Hides user and password wherever a parser of URLs might find them: the path of a request may be a whole URL, and
 * malformed.
 */
export function hideUserInfo(url: string): string {
  return hideCredentialsIn(url, USER_INFO.slice(0, -1))
}
