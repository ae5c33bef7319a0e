/**
 * Renders URLs of the settings or of a peer for people: on stderr, the command line and the page. Credentials, tokens
 * in paths, queries and fragments are hidden; scheme, host, port and the usual path segments of collectors remain.
 */

const HIDDEN = '***'
const SCHEME = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/|dns:\/{0,3}|ipv[46]:\/{0,3})/i
/** Anything else may be a secret in the wrong place. */
const AUTHORITY = /^(?:\[[0-9a-f:.%]{2,60}\]|[\w.-]{1,253})(?::\d{1,5})?$/i
const MAX_SEGMENTS = 12

/** Path segments of collectors and of vendors' documentation. Any other segment may be a token. */
const KNOWN_SEGMENTS: ReadonlySet<string> = new Set(
  (
    'api apm collector default development http ingest insert intake internal jaeger logs metrics opentelemetry otel ' +
    'otlp prod production public receiver sampling span spans staging telemetry test trace traces v0 v1 v2 v3 zipkin'
  ).split(' '),
)

/** Renders a text that is meant as a URL, even when it is malformed. Never throws. */
export function shownUrl(url: string): string {
  // Paths on this machine have no secrets.
  if (/^(?:unix|file):/i.test(url)) return url
  const scheme = SCHEME.exec(url)?.[0] ?? ''
  const rest = url.slice(scheme.length)
  const end = rest.search(/[/\\?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const behind = end === -1 ? '' : rest.slice(end)
  // A password with an unencoded slash: its end cannot be determined.
  if (behind.includes('@')) return scheme + HIDDEN
  return scheme + shownAuthority(authority) + shownPath(behind)
}

const URL_IN_TEXT = /(?:[a-z][a-z0-9+.-]{0,30}:\/\/|(?<=\bendpoint=))[^\s"'`<>]+/gi

/** Renders the URLs in a text, such as `endpoint=http://…,pollingIntervalMs=5000`. */
export function shownUrlsIn(text: string): string {
  return text.includes('://') || text.includes('endpoint=') ? text.replaceAll(URL_IN_TEXT, shownEntries) : text
}

/** A comma ends a URL when a name or another URL follows, but not in its query and not before the last `@`. */
function shownEntries(token: string): string {
  const comma = token.search(/,(?=[\w.-]{1,100}(?:=|:\/\/))/)
  const query = token.search(/[?#]/)
  if (comma === -1 || (query !== -1 && query < comma) || token.includes('@', comma)) return shownUrl(token)
  return shownUrl(token.slice(0, comma)) + shownUrlsIn(token.slice(comma))
}

function shownAuthority(authority: string): string {
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const shown = host === '' || AUTHORITY.test(host) ? host : HIDDEN
  return at === -1 ? shown : `${HIDDEN}@${shown}`
}

function shownPath(text: string): string {
  const end = text.search(/[?#]/)
  const path = end === -1 ? text : text.slice(0, end)
  const segments = path.split('/', MAX_SEGMENTS + 1)
  const shown = segments.length > MAX_SEGMENTS ? `/${HIDDEN}` : segments.map(shownSegment).join('/')
  return end === -1 || end === text.length - 1 ? shown : `${shown}${text[end]}${HIDDEN}`
}

function shownSegment(segment: string): string {
  return segment === '' || isKnownSegment(segment) ? segment : HIDDEN
}

/** Returns whether a path segment is known not to be a secret. */
export function isKnownSegment(segment: string): boolean {
  return KNOWN_SEGMENTS.has(segment.toLowerCase())
}
