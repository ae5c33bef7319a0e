/**
 * The one way that a URL of the settings or of a peer reaches a person: stderr, the command line, the page. Credentials, tokens in
 * paths, queries and fragments are hidden; scheme, host, port and the usual segments of collectors' paths stay.
 */

const HIDDEN = '***'
const SCHEME = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/|dns:\/{0,3}|ipv[46]:\/{0,3})/i
/** What is none may be a secret that was written at the wrong place. */
const AUTHORITY = /^(?:\[[0-9a-f:.%]{2,60}\]|[\w.-]{1,253})(?::\d{1,5})?$/i
const MAX_SEGMENTS = 12

/** Segments of the paths of collectors and of vendors' documents. Any other may be a token. */
const KNOWN_SEGMENTS: ReadonlySet<string> = new Set(
  (
    'api apm collector default development http ingest insert intake internal jaeger logs metrics opentelemetry otel ' +
    'otlp prod production public receiver sampling span spans staging telemetry test trace traces v0 v1 v2 v3 zipkin'
  ).split(' '),
)

/** Any text that is meant as a URL, also one that is none. Never throws. */
export function shownUrl(url: string): string {
  // Paths on this machine.
  if (/^(?:unix|file):/i.test(url)) return url
  const scheme = SCHEME.exec(url)?.[0] ?? ''
  const rest = url.slice(scheme.length)
  const end = rest.search(/[/\\?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const behind = end === -1 ? '' : rest.slice(end)
  // A password with a slash that nobody encoded: which part is which cannot be told.
  if (behind.includes('@')) return scheme + HIDDEN
  return scheme + shownAuthority(authority) + shownPath(behind)
}

const URL_IN_TEXT = /(?:[a-z][a-z0-9+.-]{0,30}:\/\/|(?<=\bendpoint=))[^\s"'`<>]+/gi

/** A text in which URLs stand among other things, such as `endpoint=http://…,pollingIntervalMs=5000`. */
export function shownUrlsIn(text: string): string {
  return text.includes('://') || text.includes('endpoint=') ? text.replaceAll(URL_IN_TEXT, shownEntries) : text
}

/** A comma ends a URL where a name or another URL follows; never in its query, nor before the last `@`. */
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

/** Whether a part of a path is no secret. */
export function isKnownSegment(segment: string): boolean {
  return KNOWN_SEGMENTS.has(segment.toLowerCase())
}

/** Any text with the credentials in its URLs replaced. For what others word; of ours, `shownUrl` leaves nothing to hide. */
export function hideCredentials(text: string, shown: string = HIDDEN): string {
  return text.includes('@') ? text.replaceAll(/:\/\/[^/?#\s]*@/g, `://${shown}@`) : text
}
