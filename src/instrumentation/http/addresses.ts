import type { IncomingHttpHeaders } from 'node:http'

export interface HostAndPort {
  readonly host: string
  readonly port: number | undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** Splits a host with or without a port, as in `Host`. `scheme` determines the default port. */
export function hostAndPort(written: string, scheme: string | undefined): HostAndPort {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(written)
  if (match === null) return { host: written, port: undefined }
  const [, host = '', port] = match
  return { host, port: port === undefined ? DEFAULT_PORTS[scheme ?? ''] : Number(port) }
}

/**
 * Returns `server.address` and `server.port` of a SERVER span: what the client requested, as reported by the proxies in
 * front or by the `Host` header. Semantic conventions, http/http-spans.
 */
export function serverAddress(headers: IncomingHttpHeaders, scheme: string): HostAndPort | undefined {
  const forwarded = headers.forwarded === undefined ? undefined : forwardedElement(headers.forwarded, 'host')
  if (forwarded !== undefined) return hostAndPort(forwarded['host'] ?? '', forwarded['proto'])
  const host = first(headers['x-forwarded-host'])
  if (host) return hostAndPort(host, first(headers['x-forwarded-proto']))
  return headers.host ? hostAndPort(headers.host, scheme) : undefined
}

/**
 * Returns `client.address` as reported by the first of the proxies in front; undefined if the peer is the client.
 * Semantic conventions, http/http-spans.
 */
export function clientAddress(headers: IncomingHttpHeaders): string | undefined {
  const forwarded = headers.forwarded === undefined ? undefined : forwardedElement(headers.forwarded, 'for')
  if (forwarded !== undefined) return withoutPort(forwarded['for'] ?? '')
  const list = first(headers['x-forwarded-for'])
  return list ? withoutPort((list.split(',', 1)[0] ?? '').trim()) : undefined
}

/** Proxies write much shorter headers; the rest of a longer one was written by the client. */
const MAX_FORWARDED_CHARS = 2048

/** Returns the parameters of the first element that has `wanted`, with names in lower case. RFC 7239. */
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
