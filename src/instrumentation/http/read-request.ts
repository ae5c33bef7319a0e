import type { Attributes } from '@opentelemetry/api'
import type { IncomingHttpHeaders } from 'node:http'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import { clientAddress, type HostAndPort, serverAddress } from './addresses.ts'
import { SharedSets } from './shared-sets.ts'
import { headerCapture } from './captured-headers.ts'
import type { Method, Methods } from './methods.ts'
import type { ServerConfig } from './server-config.ts'
import type { ReadRequest } from './server-request.ts'
import { targetAttributes } from './target.ts'

const REDACTED = 'REDACTED'

/** What a request says, of either protocol. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly version: string
}

/** The connection that it came by. */
export interface CameBy {
  readonly scheme: 'http' | 'https'
  readonly peer: SharedAttributes
  readonly peerAddress: string | undefined
}

/** Reads what SERVER spans and metrics say of requests. Whatever many requests have in common is the same object each time. */
export class RequestReader {
  readonly #methods: Methods
  readonly #starts = {
    http: new Map<Method, Map<string, SharedAttributes>>(),
    https: new Map<Method, Map<string, SharedAttributes>>(),
  }
  readonly #hosts = { http: new SharedSets(), https: new SharedSets() }
  readonly #agents = new SharedSets()
  readonly #clients = new SharedSets()

  readonly #config: ServerConfig
  readonly #capture: ReturnType<typeof headerCapture>

  constructor(methods: Methods, config: ServerConfig) {
    this.#methods = methods
    this.#config = config
    this.#capture = headerCapture('request', config.headersToSpanAttributes?.server?.requestHeaders)
  }

  read({ method: sent, url, headers, version }: Asked, { scheme, peer, peerAddress }: CameBy): ReadRequest {
    const method = this.#methods.of(sent)
    const shared = [this.#start(method, scheme, version), peer]
    const { host, 'user-agent': agent } = headers
    let extra: Attributes | undefined
    if (headers.forwarded === undefined && headers['x-forwarded-host'] === undefined) {
      if (host) shared.push(this.#hosts[scheme].get(host, () => addressAttributes(serverAddress(headers, scheme))))
    } else {
      extra = addressAttributes(serverAddress(headers, scheme))
    }
    if (agent !== undefined) shared.push(this.#agents.get(agent, () => ({ 'user_agent.original': agent })))
    if (headers.forwarded === undefined && headers['x-forwarded-for'] === undefined) {
      if (peerAddress !== undefined) {
        shared.push(this.#clients.get(peerAddress, () => ({ 'client.address': peerAddress })))
      }
    } else {
      const client = clientAddress(headers) ?? peerAddress
      if (client !== undefined) extra = { ...extra, 'client.address': client }
    }
    return { method, scheme, version, url, shared, extra: this.#asked(url, headers, extra) }
  }

  /** What is there on request. */
  #asked(url: string, headers: IncomingHttpHeaders, extra: Attributes | undefined): Attributes | undefined {
    const { redactedQuery, enableSyntheticSourceDetection } = this.#config
    let all = extra
    if (this.#capture !== undefined) this.#capture((name) => headers[name], (all = { ...extra }))
    if (redactedQuery !== undefined) all = { ...all, ...redactedTarget(url, redactedQuery) }
    if (enableSyntheticSourceDetection === true) {
      const type = syntheticType(headers['user-agent'] ?? '')
      if (type !== undefined) all = { ...all, 'user_agent.synthetic.type': type }
    }
    return all
  }

  #start(method: Method, scheme: 'http' | 'https', version: string): SharedAttributes {
    const start = this.#starts[scheme].get(method)?.get(version)
    if (start !== undefined) return start
    const attributes: Attributes = {
      'http.request.method': method.attribute,
      'url.scheme': scheme,
      'network.protocol.version': version,
    }
    if (method.original !== undefined)
      return { attributes: { ...attributes, 'http.request.method_original': method.original } }
    const made = { attributes }
    const byVersion = this.#starts[scheme].get(method) ?? new Map<string, SharedAttributes>()
    this.#starts[scheme].set(method, byVersion.set(version, made))
    return made
  }
}

/** Semantic conventions, `user_agent.synthetic.type`, for the agents that upstream knows. */
function syntheticType(agent: string): string | undefined {
  if (/alwayson/i.test(agent)) return 'test'
  return /googlebot|bingbot/i.test(agent) ? 'bot' : undefined
}

function redactedTarget(url: string, names: ReadonlySet<string>): Attributes {
  const { 'url.query': query } = targetAttributes(url)
  if (query === undefined) return {}
  const parameters = new URLSearchParams(String(query))
  for (const name of names) if (parameters.has(name)) parameters.set(name, REDACTED)
  return { 'url.query': parameters.toString() }
}

function addressAttributes(address: HostAndPort | undefined): Attributes {
  if (address === undefined) return {}
  const { host, port } = address
  return port === undefined ? { 'server.address': host } : { 'server.address': host, 'server.port': port }
}
