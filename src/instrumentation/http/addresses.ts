import type { IncomingHttpHeaders } from 'node:http'
import { hostIn, withoutCredentials } from '../../base/host.ts'

export interface HostAndPort {
  readonly host: string
  readonly port: number | undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/**
 * Splits a host with or without a port, as in `Host`; returns undefined for anything else. `scheme` determines the
 * default port.
 */
export function hostAndPort(written: string, scheme: string | undefined): HostAndPort | undefined {
  const authority = withoutCredentials(written)
  const [, before = authority, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?$/.exec(authority) ?? []
  const host = hostIn(before)
  if (host === '') return undefined
  return { host, port: port ? Number(port) : DEFAULT_PORTS[scheme ?? ''] }
}

/**
 * Returns `server.address` and `server.port` of a SERVER span: what the client requested, as reported by the proxies in
 * front or by the `Host` header. Semantic conventions, http/http-spans.
 */
export function serverAddress(headers: IncomingHttpHeaders, scheme: string): HostAndPort | undefined {
  const forwarded = forwardedElement(headers.forwarded, 'host')
  if (forwarded !== undefined) {
    return hostAndPort(forwarded['host'] ?? '', forwarded['proto'])
  }
  const host = first(headers['x-forwarded-host'])
  if (host) {
    // Each proxy may have added its own.
    const [requested = ''] = withoutCredentials(host).split(',', 1)
    return hostAndPort(requested.trim(), first(headers['x-forwarded-proto']))
  }
  return headers.host ? hostAndPort(headers.host, scheme) : undefined
}

/**
 * Returns `client.address` as reported by the first of the proxies in front; undefined if the peer is the client.
 * Semantic conventions, http/http-spans.
 */
export function clientAddress(headers: IncomingHttpHeaders): string | undefined {
  const forwarded = forwardedElement(headers.forwarded, 'for')
  if (forwarded !== undefined) return withoutPort(forwarded['for'] ?? '')
  const list = first(headers['x-forwarded-for'])
  if (!list) return undefined
  const [nearestToClient = ''] = list.split(',', 1)
  return withoutPort(nearestToClient.trim())
}

/** Proxies write much shorter headers; the rest of a longer one was written by the client. */
const MAX_FORWARDED_CHARS = 2048

/** Matches an element of `Forwarded`, in which quoted text may contain commas. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g
/** Matches a parameter of an element: its name, and its value as quoted text or as a token. */
const PARAMETER = /([\w!#$%&'*+.^`|~-]{1,40})=(?:"((?:[^"\\]|\\.){0,300})"|([^\s;,"]{0,300}))/g

type Parameters = Readonly<Record<string, string>>

/** Returns the parameters of the first element of `Forwarded` that has `wanted`. RFC 7239. */
function forwardedElement(header: string | undefined, wanted: string): Parameters | undefined {
  const elements = header?.slice(0, MAX_FORWARDED_CHARS).match(ELEMENT) ?? []
  for (const element of elements) {
    const parameters = parametersOf(element)
    if (parameters[wanted]) return parameters
  }
  return undefined
}

/** Returns the parameters of an element, with names in lower case. */
function parametersOf(element: string): Parameters {
  const parameters: Record<string, string> = {}
  for (const [, name = '', quoted, token = ''] of element.matchAll(PARAMETER)) {
    parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? token
  }
  return parameters
}

function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)
  if (bracketed !== null) return bracketed[1] ?? ''
  return /^[^:]*:\d+$/.test(address) ? address.slice(0, address.indexOf(':')) : address
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
