import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from '@opentelemetry/api'
import { hostIn } from '../../base/host.ts'
import type { IsIgnored } from '../../sampling/ignore-rules.ts'
import type { SharedAttributes, SpanEnding } from '../../sdk/deferred-span.ts'
import type { Target } from './client-target.ts'
import type { Method } from './methods.ts'

/**
 * The attributes that a request is measured with and that its span ends with. Requests that end alike share one object.
 */
export interface ClientEnding extends SpanEnding {
  readonly outcome: ClientOutcome
  /** The frozen attributes of the metric. */
  readonly metric: Attributes
}

export interface ClientOutcome {
  readonly status: number | undefined
  readonly protocolVersion: string | undefined
  readonly errorType: string | undefined
}

/** An app that sends requests to more hosts than this does not reuse them, so further ones are not kept. */
const MAX_DESTINATIONS = 1000
const MAX_ENDINGS = 100

/** Holds what all requests of one method to one server have in common. */
export class Destination {
  readonly shared: SharedAttributes
  /** Whether scheme and host are plain words, which no rule of privacy applies to. */
  readonly isPlain: boolean
  readonly #metric: Attributes
  readonly #endings = new Map<string, ClientEnding>()
  #last: ClientEnding | undefined
  #isIgnored: boolean | undefined
  #peer: SharedAttributes | undefined

  /** `measuresScheme`: whether the metric has the attribute `url.scheme`. */
  constructor(method: Method, { scheme, address, port }: Target, measuresScheme: boolean) {
    this.isPlain = port !== undefined && /^[a-z]+$/.test(scheme) && /^[\w.-]+$/.test(address)
    const attributes: Attributes = { 'http.request.method': method.attribute }
    // Without a port, it is the path of a socket.
    const host = port === undefined ? address : hostIn(address)
    if (host !== '') attributes['server.address'] = host
    if (port !== undefined) attributes['server.port'] = port
    this.#metric = measuresScheme ? { ...attributes, 'url.scheme': scheme } : attributes
    this.shared = { attributes: method.original === undefined ? attributes : withOriginal(attributes, method.original) }
  }

  /** Returns the attributes of the remote end of the connection, usually the same as in the previous call. */
  peer(address: string, port: number | undefined): SharedAttributes {
    const last = this.#peer
    const attributes = last?.attributes
    if (
      last !== undefined &&
      attributes?.['network.peer.address'] === address &&
      attributes['network.peer.port'] === port
    )
      return last
    return (this.#peer = {
      attributes: { 'network.peer.address': address, ...(port === undefined ? {} : { 'network.peer.port': port }) },
    })
  }

  /** Evaluates `by` once, since it is the same for all calls. */
  isIgnored(by: IsIgnored): boolean {
    return (this.#isIgnored ??= by(SpanKind.CLIENT, this.shared.attributes))
  }

  ending(outcome: ClientOutcome): ClientEnding {
    const last = this.#last
    if (last !== undefined && isSame(last.outcome, outcome)) return last
    const key = `${outcome.status} ${outcome.protocolVersion} ${outcome.errorType}`
    let ending = this.#endings.get(key)
    if (ending === undefined) {
      ending = this.#endingOf(outcome)
      if (this.#endings.size < MAX_ENDINGS) this.#endings.set(key, ending)
    }
    this.#last = ending
    return ending
  }

  #endingOf({ status, protocolVersion, errorType }: ClientOutcome): ClientEnding {
    const attributes: Attributes = {}
    if (status !== undefined) attributes['http.response.status_code'] = status
    if (protocolVersion !== undefined) attributes['network.protocol.version'] = protocolVersion
    if (errorType !== undefined) attributes['error.type'] = errorType
    return {
      name: undefined,
      attributes,
      status: errorType === undefined ? UNSET : ERROR,
      outcome: { status, protocolVersion, errorType },
      metric: Object.freeze({ ...this.#metric, ...attributes }),
    }
  }
}

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET })
const ERROR: SpanStatus = Object.freeze({ code: SpanStatusCode.ERROR })

function isSame(a: ClientOutcome, b: ClientOutcome): boolean {
  return a.status === b.status && a.protocolVersion === b.protocolVersion && a.errorType === b.errorType
}

function withOriginal(attributes: Attributes, original: string): Attributes {
  return { ...attributes, 'http.request.method_original': original }
}

export class Destinations {
  readonly #byKey = new Map<string, Destination>()
  readonly #measuresScheme: boolean
  #last: Known | undefined

  constructor(measuresScheme: boolean) {
    this.#measuresScheme = measuresScheme
  }

  of(method: Method, target: Target): Destination {
    if (isTo(this.#last, method, target)) return this.#last.destination
    const key = `${method.original ?? method.attribute} ${target.scheme} ${target.address} ${target.port}`
    let found = this.#byKey.get(key)
    if (found === undefined) {
      if (this.#byKey.size >= MAX_DESTINATIONS) this.#byKey.clear()
      this.#byKey.set(key, (found = new Destination(method, target, this.#measuresScheme)))
    }
    this.#last = { method, target, destination: found }
    return found
  }
}

interface Known {
  readonly method: Method
  readonly target: Target
  readonly destination: Destination
}

function isTo(known: Known | undefined, method: Method, { scheme, address, port }: Target): known is Known {
  if (known === undefined || known.method !== method) return false
  const { target } = known
  return target.port === port && target.address === address && target.scheme === scheme
}
