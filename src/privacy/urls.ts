export const REDACTED = 'REDACTED'

/** Longer URLs, and parts of one, are hidden whole: cut, they could end inside of a credential. */
export const MAX_URL_CHARS = 16_384

/** Parameters that carry a credential, also where the values of queries are shown. */
const SECRET_PARAMETER =
  /^(?:awsaccesskeyid|signature|sig|x-(?:amz|goog)-(?:signature|credential|security-token)|(?:access|id|refresh|auth|api|csrf|xsrf|session)?[-_]?token|jwt|jsessionid|phpsessid|(?:session|s)id|code|assertion|pass(?:word|wd|phrase)?|pwd|(?:client[-_]?)?secret|(?:api|access|private|secret)[-_]?key(?:[-_]?id)?|auth(?:orization)?|credentials?)$/i

const SCHEME = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\//i

/**
 * Semantic conventions, `url.full`: credentials never, values of the query and the fragment unless they are opened up. Names of
 * parameters stay, and so does the path but for its `;name=value` parameters. Takes a path alone as well.
 */
export function scrubUrl(url: string, showsQuery: boolean): string {
  const hash = url.indexOf('#')
  const beforeHash = hash === -1 ? url : url.slice(0, hash)
  const question = beforeHash.indexOf('?')
  const base = question === -1 ? beforeHash : beforeHash.slice(0, question)
  const query = question === -1 ? '' : scrubQuery(beforeHash.slice(question), showsQuery)
  const fragment = hash === -1 || hash === url.length - 1 ? '' : `#${showsQuery ? url.slice(hash + 1) : REDACTED}`
  return scrubPath(withoutCredentials(base), showsQuery) + query + fragment
}

/** Semantic conventions, `url.query`; a leading `?` stays. */
export function scrubQuery(query: string, showsValues: boolean): string {
  const start = query.startsWith('?') ? 1 : 0
  if (query.length === start) return query
  const parts = query.slice(start).split('&')
  return query.slice(0, start) + parts.map((part) => scrubParameter(part, showsValues)).join('&')
}

/** `/app;jsessionid=…`: the path itself stays. */
export function scrubPath(path: string, showsValues: boolean): string {
  if (!path.includes(';')) return path
  return path.replaceAll(/;[^;/]*/g, (parameter) => `;${scrubParameter(parameter.slice(1), showsValues)}`)
}

function scrubParameter(parameter: string, showsValue: boolean): string {
  const equals = parameter.indexOf('=')
  // What has no value may be one itself; some clients write a `=` behind it.
  const name = /=./.test(parameter) ? parameter.slice(0, equals) : undefined
  if (showsValue && (name === undefined || !SECRET_PARAMETER.test(name))) return parameter
  if (parameter === '') return ''
  return name === undefined || /^=+$/.test(parameter.slice(equals)) ? REDACTED : `${name}=${REDACTED}`
}

function withoutCredentials(base: string): string {
  if (!base.includes('@')) return base
  const scheme = SCHEME.exec(base)?.[0]
  if (scheme === undefined) return base
  const path = base.slice(scheme.length).search(/[/\\]/)
  const authority = path === -1 ? base.slice(scheme.length) : base.slice(scheme.length, scheme.length + path)
  const at = authority.lastIndexOf('@')
  if (at === -1) return base
  return `${scheme}${REDACTED}:${REDACTED}@${base.slice(scheme.length + at + 1)}`
}
