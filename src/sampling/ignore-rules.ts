import { type Attributes, SpanKind } from '@opentelemetry/api'
import { hostMatcher, matchesGlob } from '../base/glob.ts'
import type { IgnoreSettings } from '../settings/settings.ts'

/** Returns whether a request is ignored, from the initial attributes of its span. */
export type IsIgnored = (kind: SpanKind, attributes: Attributes) => boolean

export function ignoreRules({ paths, hosts }: IgnoreSettings): IsIgnored {
  const isHost = hostMatcher(hosts)
  return (kind, attributes) => {
    if (kind === SpanKind.SERVER) {
      const path = String(attributes['url.path'] ?? '')
      return paths.some((pattern) => matchesGlob(pattern, path))
    }
    const { 'server.address': host, 'server.port': port } = attributes
    if (kind !== SpanKind.CLIENT || host === undefined) return false
    return isHost(port === undefined ? String(host) : `${String(host)}:${String(port)}`)
  }
}
