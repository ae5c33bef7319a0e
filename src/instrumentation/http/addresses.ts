import type { IncomingHttpHeaders } from 'node:http'

export interface HostAndPort {
  readonly host: string
  readonly port: number | undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** A host with or without its port, as in `Host`; `scheme` gives the port that is not written. */
export function hostAndPort(written: string, scheme: string | undefined): HostAndPort {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(written)
  if (match === null) return { host: written, port: undefined }
  const [, host = '', port] = match
  return { host, port: port === undefined ? DEFAULT_PORTS[scheme ?? ''] : Number(port) }
}

/**
 * Semantic conventions, `server.address` and `server.port` of a SERVER span: what the client asked for, as the proxies in
 * front say it, or the `Host` of the request.
 */
export function serverAddress(headers: IncomingHttpHeaders, scheme: string): HostAndPort | undefined {
  const forwarded = headers.forwarded === undefined ? undefined : forwardedElement(headers.forwarded, 'host')
  if (forwarded !== undefined) return hostAndPort(forwarded['host'] ?? '', forwarded['proto'])
  const host = first(headers['x-forwarded-host'])
  if (host) return hostAndPort(host, first(headers['x-forwarded-proto']))
  return headers.host ? hostAndPort(headers.host, scheme) : undefined
}

/** Semantic conventions, `client.address`: behind proxies, what the first of them says. Undefined: the peer is the client. */
export function clientAddress(headers: IncomingHttpHeaders): string | undefined {
  const forwarded = headers.forwarded === undefined ? undefined : forwardedElement(headers.forwarded, 'for')
  if (forwarded !== undefined) return withoutPort(forwarded['for'] ?? '')
  const list = first(headers['x-forwarded-for'])
  return list ? withoutPort((list.split(',', 1)[0] ?? '').trim()) : undefined
}

/** What proxies write is far shorter; the rest of a longer header is its sender's. */
const MAX_FORWARDED_CHARS = 2048

/** RFC 7239: the parameters of the first element that has `wanted`, names in lower case. */
function forwardedElement(header: string, wanted: string): Readonly<Record<string, string>> | undefined {
  for (const element of header.slice(0, MAX_FORWARDED_CHARS).match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []) {
    const parameters: Record<string, string> = {}
    for (const [, name = '', quoted, token = ''] of element.matchAll(
      /([\w!#$%&'*+.^`|~-]{1,40})=(?:"((?:[^"\\]|\\.){0,300})"|([^\s;,"]{0,300}))/g,
    )) {
      parameters[name.toLowerCase()] = quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, '$1')
    }
    if (parameters[wanted]) return parameters
  }
  return undefined
}

function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)
  if (bracketed !== null) return bracketed[1] ?? ''
  return /^[^:]*:\d+$/.test(address) ? address.slice(0, address.indexOf(':')) : address
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
