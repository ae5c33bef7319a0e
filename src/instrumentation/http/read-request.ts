import type { Attributes } from '@opentelemetry/api'
import type { IncomingHttpHeaders } from 'node:http'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import { clientAddress, type HostAndPort, serverAddress } from './addresses.ts'
import { SharedSets } from './shared-sets.ts'
import { headerCapture } from './captured-headers.ts'
import type { Method, Methods } from './methods.ts'
import type { PlainHeaders } from './plain-headers.ts'
import type { ServerConfig } from './server-config.ts'
import { RequestCommon } from './request-common.ts'
import type { ReadRequest } from './server-request.ts'
import { requestTargetAttributes, requestTargetOf } from './request-target.ts'

const REDACTED = 'REDACTED'

/** The head of a request, for either protocol. */
export interface RequestHead {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly httpVersion: string
}

/** The connection on which a request arrived. */
export interface RequestConnection {
  readonly scheme: 'http' | 'https'
  readonly peer: SharedAttributes
  readonly peerAddress: string | undefined
  /** The common attributes of the previous request on the connection. */
  common: RequestCommon | undefined
}

/**
 * Extracts the attributes of SERVER spans and metrics from requests. What many requests have in common is the same
 * object each time.
 */
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

  /** Whether nothing is configured that reads further headers. */
  get readsPlain(): boolean {
    return this.#capture === undefined
  }

  /** `plain` are read instead of the headers. */
  read(head: RequestHead, by: RequestConnection, plain?: PlainHeaders): ReadRequest {
    const { method: sent, url, httpVersion: version } = head
    const headers: IncomingHttpHeaders = (plain as IncomingHttpHeaders | undefined) ?? head.headers
    const { host, 'user-agent': agent } = headers
    const isDirect =
      headers.forwarded === undefined &&
      headers['x-forwarded-host'] === undefined &&
      headers['x-forwarded-for'] === undefined
    let { common } = by
    let extra: Attributes | undefined
    if (isDirect && common?.isFrom(sent, version, host, agent) === true) {
      common.join()
    } else {
      const method = this.#methods.of(sent)
      const shared = this.#sharedOf(method, version, headers, by)
      common = new RequestCommon(method, by.scheme, shared, { method: sent, version, host, agent })
      if (isDirect) by.common = common
      else extra = forwardedAttributes(headers, by)
    }
    return { common, url, extra: this.#asked(url, headers, extra) }
  }

  /** Attributes of a request that came through proxies are its own: `forwardedAttributes`. */
  #sharedOf(
    method: Method,
    version: string,
    headers: IncomingHttpHeaders,
    by: RequestConnection,
  ): readonly SharedAttributes[] {
    const { scheme, peer, peerAddress } = by
    const { host, 'user-agent': agent } = headers
    const shared = [this.#start(method, scheme, version), peer]
    if (host && headers.forwarded === undefined && headers['x-forwarded-host'] === undefined) {
      shared.push(this.#hosts[scheme].get(host, () => addressAttributes(serverAddress(headers, scheme))))
    }
    if (agent !== undefined) shared.push(this.#agents.get(agent, () => ({ 'user_agent.original': agent })))
    if (peerAddress !== undefined && headers.forwarded === undefined && headers['x-forwarded-for'] === undefined) {
      shared.push(this.#clients.get(peerAddress, () => ({ 'client.address': peerAddress })))
    }
    return shared
  }

  /** Returns the optional attributes. */
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

/** Returns the attributes that the proxies in front of this server report. */
function forwardedAttributes(headers: IncomingHttpHeaders, { scheme, peerAddress }: RequestConnection): Attributes {
  const { forwarded } = headers
  const attributes: Attributes = {}
  if (forwarded !== undefined || headers['x-forwarded-host'] !== undefined) {
    Object.assign(attributes, addressAttributes(serverAddress(headers, scheme)))
  }
  if (forwarded !== undefined || headers['x-forwarded-for'] !== undefined) {
    const client = clientAddress(headers) ?? peerAddress
    if (client !== undefined) attributes['client.address'] = client
  }
  return attributes
}

/** Returns `user_agent.synthetic.type`, for the user agents that upstream knows. Semantic conventions, user-agent. */
function syntheticType(agent: string): string | undefined {
  if (/alwayson/i.test(agent)) return 'test'
  return /googlebot|bingbot/i.test(agent) ? 'bot' : undefined
}

function redactedTarget(url: string, names: ReadonlySet<string>): Attributes {
  const { 'url.query': query } = requestTargetAttributes(requestTargetOf(url))
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
