import { Problem } from '../base/problem.ts'
import { shownUrl } from '../base/shown-url.ts'
import { decoded } from '../base/url-parts.ts'
import type { OtlpProtocol, Signal } from './settings.ts'

/** An endpoint as the transport connects to it, with hints for the user. */
export interface Endpoint {
  readonly url: string
  /** `user:password` from the URL, decoded. */
  readonly credentials: string | undefined
  /** Clauses for the log line about the variable. */
  readonly hints: readonly string[]
}

export interface EndpointContext {
  readonly protocol: OtlpProtocol
  readonly signal: Signal
  /**
   * Whether this is the general endpoint, to which the signal's path is added over HTTP. A signal's own endpoint is
   * used as it is.
   */
  readonly general: boolean
  readonly insecure: { readonly value: boolean; readonly given: boolean }
}

const GRPC_PORT = '4317'
const HTTP_PORT = '4318'
const NOT_GRPC = 'is not a gRPC endpoint (http://host:port, https://host:port, host:port, unix:/path)'
const NOT_HTTP = 'is not an http:// or https:// URL with a host'

export function defaultEndpoint(protocol: OtlpProtocol, signal: Signal): string {
  return protocol === 'grpc' ? `http://localhost:${GRPC_PORT}` : `http://localhost:${HTTP_PORT}/v1/${signal}`
}

/** Parses an endpoint. A `Problem` completes the log line about its variable. */
export function readEndpoint(text: string, context: EndpointContext): Endpoint | Problem {
  return context.protocol === 'grpc' ? readGrpcEndpoint(text, context) : readHttpEndpoint(text, context)
}

/**
 * Parses a gRPC endpoint. The scheme decides about TLS and takes precedence over INSECURE; other forms that gRPC
 * clients accept are accepted too. https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options
 */
function readGrpcEndpoint(text: string, context: EndpointContext): Endpoint | Problem {
  const socket = /^unix:(?:\/\/(?=\/))?(.+)$/i.exec(text)?.[1]
  if (socket !== undefined && !socket.startsWith('//'))
    return { url: `unix:${socket}`, credentials: undefined, hints: [] }
  const full = /^https?:/i.test(text) ? text : withScheme(text, context.insecure.value)
  const url = parseUrl(full)
  if (url === undefined) return new Problem(NOT_GRPC)
  const hints: string[] = []
  const secure = url.protocol === 'https:'
  const port = portOf(url, full) ?? (secure ? '443' : GRPC_PORT)
  const endpoint = `${url.protocol}//${url.hostname}:${port}`
  if (!/^(?:https?|dns|ipv[46]):/i.test(text) && !context.insecure.given) {
    hints.push(`has no scheme, which means TLS; write http://${url.hostname}:${port} for plain text; using ${endpoint}`)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    hints.push(`has a path, which gRPC does not use; using ${endpoint}`)
  }
  if (port === HTTP_PORT) {
    hints.push(
      `has ${HTTP_PORT}, the usual port of OTLP over HTTP, and the protocol is grpc; using it as it is ` +
        `(port ${GRPC_PORT} or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf may be meant)`,
    )
  }
  return { url: endpoint, credentials: credentialsOf(url), hints }
}

function readHttpEndpoint(text: string, context: EndpointContext): Endpoint | Problem {
  const hasScheme = /^[a-z][a-z0-9+.-]*:(?:\/\/|\D)/i.test(text)
  const url = parseUrl(hasScheme ? text : `http://${text}`)
  if (url === undefined) return new Problem(NOT_HTTP)
  const credentials = credentialsOf(url)
  url.username = ''
  url.password = ''
  url.hash = ''
  const base = url.href
  if (context.general) url.pathname = `${withoutTrailingSlashes(url.pathname)}/v1/${context.signal}`
  const hints: string[] = []
  if (!hasScheme) hints.push(`has no scheme; using ${shownUrl(base)}`)
  if (url.port === GRPC_PORT) {
    hints.push(
      `has ${GRPC_PORT}, the usual port of OTLP over gRPC, and the protocol is ${context.protocol}; using it as it is ` +
        `(port ${HTTP_PORT} or OTEL_EXPORTER_OTLP_PROTOCOL=grpc may be meant)`,
    )
  }
  return { url: url.href, credentials, hints }
}

/** A regular expression would take quadratic time for a run of slashes. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/** Converts the forms of gRPC name resolution, and a bare `host:port`, to URLs. */
function withScheme(text: string, insecure: boolean): string {
  const scheme = insecure ? 'http://' : 'https://'
  const dns = /^dns:(?:\/\/[^/]*\/|\/)?([^/].*)$/i.exec(text)?.[1]
  if (dns !== undefined) return scheme + dns
  // Several addresses may follow; a gRPC channel would try all of them, but only the first is used here.
  const address = /^ipv([46]):(?:\/\/\/?)?([^,/]+)/i.exec(text)
  if (address !== null) return scheme + bracketed(address[1] === '6', address[2] ?? '')
  return text.includes('://') ? 'invalid:' : scheme + text.replace(/^\/\//, '')
}

function bracketed(isIpv6: boolean, address: string): string {
  return isIpv6 && !address.startsWith('[') ? `[${address}]` : address
}

function parseUrl(text: string): URL | undefined {
  // The URL parser removes spaces and converts backslashes; here they are errors.
  if (/[\s\\\0]/.test(text) || !/^https?:\/\/[^/]/i.test(text)) return undefined
  const url = URL.parse(text)
  return url === null || url.hostname === '' || url.port === '0' ? undefined : url
}

/**
 * Returns the port as written, since `URL` drops a scheme's default port. Without a port, the default is 443 for https,
 * as vendors document it, and OTLP's 4317 for plain text.
 */
function portOf(url: URL, text: string): string | undefined {
  if (url.port !== '') return url.port
  const authority = text.split(/[/?#]/, 3)[2] ?? ''
  const written = /:(\d+)$/.exec(authority)?.[1]
  return written === undefined ? undefined : String(Number(written))
}

function credentialsOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  return decoded(`${url.username}:${url.password}`)
}
