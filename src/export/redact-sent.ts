import { isKnownSegment } from '../base/shown-url.ts'
import { decoded } from '../base/url-parts.ts'
import type { OtlpSettings } from '../settings/settings.ts'

type Sent = Pick<OtlpSettings, 'endpoint' | 'headers' | 'proxy'>

/** Shorter values are not secrets, and would match inside ordinary words. */
const MIN_SECRET_CHARS = 4

/**
 * Returns a function that removes the configured secrets from a peer's text: servers repeat the path (`Cannot POST /…`)
 * and the credentials (`unknown key …`) that they refuse.
 */
export function redactorOfSent(settings: Sent): (text: string) => string {
  let secrets: readonly string[] | undefined
  return (text) => {
    // The longest comes first: one may be a part of another.
    secrets ??= [...new Set(secretsOf(settings))].toSorted((a, b) => b.length - a.length)
    return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  }
}

function secretsOf({ endpoint, headers, proxy }: Sent): string[] {
  const values = [...Object.values(headers), ...(proxy?.authorization === undefined ? [] : [proxy.authorization])]
  return [...values.flatMap(partsOfHeader), ...partsOfUrl(endpoint)].filter(({ length }) => length >= MIN_SECRET_CHARS)
}

/** Returns the secrets in a header: `Bearer token`, `Basic dXNlcjpwYXNz`, and what the latter decodes to. */
function partsOfHeader(value: string): string[] {
  const [scheme = '', ...credentials] = value.split(' ')
  const credential = credentials.join(' ')
  if (!/^basic$/i.test(scheme)) return [value, credential]
  const decoded = Buffer.from(credential, 'base64').toString()
  return [value, credential, decoded, decoded.slice(decoded.indexOf(':') + 1)]
}

function partsOfUrl(endpoint: string): string[] {
  const url = URL.parse(endpoint)
  if (url === null || endpoint.startsWith('unix:')) return []
  const segments = url.pathname.split('/').filter((segment) => !isKnownSegment(segment))
  return [
    decoded(url.password),
    url.search.slice(1),
    ...url.searchParams.values(),
    ...segments,
    ...segments.map(decoded),
  ]
}
