import {
  type Attributes,
  context,
  type Context,
  type Histogram,
  type Meter,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import type { IsLeftOut } from '../../sampling/left-out.ts'
import { AttributeSets } from '../attribute-sets.ts'
import { ClientCall } from './client-call.ts'
import type { Target } from './client-target.ts'
import { Methods } from './methods.ts'
import { hasSpan, type OutgoingPropagation } from './propagation.ts'

/** What the user set for outgoing requests. */
export interface ClientOptions {
  /** Requests that are sent outside of a span have none of their own. */
  readonly requiresParent?: boolean | undefined
  readonly knownMethods?: readonly string[] | undefined
  /** Hosts whose requests are neither traced nor measured. */
  readonly ignoresHost?: ((authority: string) => boolean) | undefined
  /** Requests that are traced and not measured. */
  readonly isUnmeasured?: IsLeftOut | undefined
}

/** In seconds: the advice of the semantic conventions (http/http-metrics). */
const DURATION_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

export interface Outgoing {
  readonly method: string
  readonly target: Target
  readonly userAgent?: unknown
}

/**
 * Makes a CLIENT span and one measurement of `http.client.request.duration` for each outgoing request, whichever client sends
 * it (semantic conventions, http/http-spans and http/http-metrics).
 */
export class ClientCalls {
  readonly #options: ClientOptions
  readonly #methods: Methods
  readonly #sets = new AttributeSets()
  readonly #measuresScheme: boolean
  #tracer: Tracer
  #durations: Histogram

  /** `measuresScheme`: whether the metric has the attribute `url.scheme`. */
  constructor(options: ClientOptions, tracer: Tracer, meter: Meter, measuresScheme: boolean) {
    this.#options = options
    this.#methods = new Methods(options.knownMethods)
    this.#measuresScheme = measuresScheme
    this.#tracer = tracer
    this.#durations = durationsOf(meter)
  }

  setTracer(tracer: Tracer): void {
    this.#tracer = tracer
  }

  setMeter(meter: Meter): void {
    this.#durations = durationsOf(meter)
  }

  /** Undefined where the user wants nothing of this host. */
  start<Carrier>(
    { method, target, userAgent }: Outgoing,
    propagation: OutgoingPropagation<Carrier>,
    carrier: Carrier,
    takesHeaders: boolean,
  ): ClientCall | undefined {
    if (this.#isIgnored(target)) return undefined
    const { requiresParent, isUnmeasured } = this.#options
    const { attribute, name, original } = this.#methods.of(method)
    const attributes: Attributes = { 'http.request.method': attribute, 'server.address': target.address }
    if (target.port !== undefined) attributes['server.port'] = target.port
    attributes['url.full'] = target.url
    if (typeof userAgent === 'string') attributes['user_agent.original'] = userAgent
    if (original !== undefined) attributes['http.request.method_original'] = original

    const active = context.active()
    let span: Span | undefined
    let spanContext: Context = active
    if (requiresParent !== true || hasSpan(active)) {
      const parent = propagation.parentOf(active, carrier)
      span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent)
      spanContext = trace.setSpan(parent, span)
      if (takesHeaders) propagation.inject(spanContext, carrier)
    }
    const isMeasured = isUnmeasured?.(SpanKind.CLIENT, attributes) !== true
    return new ClientCall(isMeasured ? this : undefined, attribute, target, span, spanContext, performance.now())
  }

  #isIgnored({ address, port }: Target): boolean {
    const { ignoresHost } = this.#options
    if (ignoresHost === undefined) return false
    const colonPort = port === undefined ? '' : `:${port}`
    return ignoresHost(address + colonPort) || (address.includes(':') && ignoresHost(`[${address}]${colonPort}`))
  }

  /** In the context of the request's span, so that the exemplar names the right trace. */
  measure(call: ClientCall): void {
    const { method, target, status, protocolVersion, errorType } = call
    const { scheme, address, port } = target
    const seconds = (performance.now() - call.startMs) / 1000
    const key = `${method}\n${address}\n${port}\n${status}\n${protocolVersion}\n${errorType}\n${scheme}`
    const attributes = this.#sets.get(key, () => {
      const set: Attributes = { 'http.request.method': method, 'server.address': address }
      if (port !== undefined) set['server.port'] = port
      if (this.#measuresScheme) set['url.scheme'] = scheme
      if (status !== undefined) set['http.response.status_code'] = status
      if (protocolVersion !== undefined) set['network.protocol.version'] = protocolVersion
      if (errorType !== undefined) set['error.type'] = errorType
      return set
    })
    this.#durations.record(seconds, attributes, call.context)
  }
}

function durationsOf(meter: Meter): Histogram {
  return meter.createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of HTTP client requests.',
    advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
  })
}
