/** The destination of an outgoing request. */
export interface Target {
  readonly scheme: string
  /** A name or an IP address without brackets, or the path of a Unix socket. */
  readonly address: string
  /** Undefined for a Unix socket. */
  readonly port: number | undefined
  /** The absolute URL as it is sent, without credentials. */
  readonly url: string
}

export interface Authority {
  readonly scheme: string
  /** The host as in a URL, with an IPv6 address in brackets. */
  readonly host: string
  readonly port: number
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 }

export function defaultPortOf(scheme: string): number {
  return DEFAULT_PORTS[scheme] ?? 80
}

/**
 * Returns the target of a request from its request line (RFC 9112, section 3.2): a path on the contacted server or, for
 * a proxy, an absolute URL or (CONNECT) an authority.
 */
export function targetOf(asked: Authority, method: string, path: string): Target {
  if (path.charCodeAt(0) === 47 /* / */ || path === '*') {
    return at(asked, path === '*' ? '' : path)
  }
  const absolute = ABSOLUTE.exec(path)
  if (absolute !== null) {
    const [, written = '', host = '', port, rest = ''] = absolute
    const scheme = written.toLowerCase()
    return at({ scheme, host, port: port === undefined ? defaultPortOf(scheme) : Number(port) }, rest)
  }
  const authority = method === 'CONNECT' ? AUTHORITY.exec(path) : null
  // Not a target that a server understands; before an `@`, there may be credentials.
  if (authority === null) return at(asked, method === 'CONNECT' || path.includes('@') ? '' : `/${path}`)
  const [, host = '', port] = authority
  return at({ scheme: asked.scheme, host, port: Number(port) }, '')
}

const ABSOLUTE = /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:@]*)(?::(\d{1,5}))?([/?#].*)?$/is
const AUTHORITY = /^(\[[^\]]*\]|[^/?#:@[\]]+):(\d{1,5})$/

function at({ scheme, host, port }: Authority, path: string): Target {
  const shown = port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`
  return { scheme, address: withoutBrackets(host), port, url: `${scheme}://${shown}${path}` }
}

export function withBrackets(host: string): string {
  const colon = host.indexOf(':')
  return colon !== -1 && host.charCodeAt(0) !== 91 /* [ */ && host.includes(':', colon + 1) ? `[${host}]` : host
}

export function withoutBrackets(host: string): string {
  return host.charCodeAt(0) === 91 /* [ */ && host.endsWith(']') ? host.slice(1, -1) : host
}
