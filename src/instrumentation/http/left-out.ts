import { hostMatcher, matchesGlob } from '../../base/glob.ts'

/** What the http instrumentation passes of an outgoing request. */
interface OutgoingOptions {
  readonly hostname?: string | null
  readonly host?: string | null
  readonly port?: string | number | null
}

/** `OBS_IGNORE_PATHS`: the path alone counts, without its query. */
export function ignoreIncoming(patterns: readonly string[]): (request: { readonly url?: string }) => boolean {
  return ({ url = '/' }) => {
    const [path = ''] = url.split('?', 1)
    return patterns.some((pattern) => matchesGlob(pattern, path))
  }
}

/** `OBS_IGNORE_HOSTS` for `node:http`. */
export function ignoreOutgoing(patterns: readonly string[]): (options: OutgoingOptions) => boolean {
  const matches = hostMatcher(patterns)
  return ({ hostname, host, port }) => {
    const name = hostname ?? host ?? 'localhost'
    return matches(port === undefined || port === null || /:\d+$/.test(name) ? name : `${name}:${port}`)
  }
}

/** `OBS_IGNORE_HOSTS` for fetch and undici. */
export function ignoreFetch(patterns: readonly string[]): (request: { readonly origin?: string | URL }) => boolean {
  const matches = hostMatcher(patterns)
  return ({ origin }) => origin !== undefined && matches(new URL(origin).host)
}
