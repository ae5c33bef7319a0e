import { REDACTED, scrubUrl } from './urls.ts'

const SECRET_HEADER =
  /authori[sz]ation|cookie|token|secret|passw|credential|signature|session|jwt|jws|assertion|csrf|xsrf|api-?key|access-?key|auth-?key|-auth$|^x-amz-security|authenticat(?:e|ion-info)/
const URL_HEADER =
  /^(?:referer|referrer|location|content-location|x-original-url|x-rewrite-url|x-forwarded-uri|origin)$/

type HeaderKind = 'secret' | 'url' | 'plain'

/** The kinds of known headers. Apps capture a few headers, which are the same for every request. */
const kinds = new Map<string, HeaderKind>()
const MAX_KINDS = 500

/**
 * Returns the values of a captured header or of a call's metadata. Credentials are hidden, and URLs lose their query.
 */
export function scrubHeader(name: string, value: unknown, showsQuery: boolean): unknown {
  const kind = kindOf(name)
  if (kind === 'plain') return value
  if (kind === 'secret') return Array.isArray(value) ? value.map(() => REDACTED) : REDACTED
  const scrub = (each: unknown): unknown => (typeof each === 'string' ? scrubUrl(each, showsQuery) : each)
  return Array.isArray(value) ? value.map(scrub) : scrub(value)
}

function kindOf(name: string): HeaderKind {
  const known = kinds.get(name)
  if (known !== undefined) return known
  const header = name.toLowerCase().replaceAll('_', '-')
  const kind = SECRET_HEADER.test(header) ? 'secret' : URL_HEADER.test(header) ? 'url' : 'plain'
  if (kinds.size >= MAX_KINDS) kinds.clear()
  kinds.set(name, kind)
  return kind
}
