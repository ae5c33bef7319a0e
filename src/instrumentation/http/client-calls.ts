import { context, type Context, type Histogram, type Meter, type Span, SpanKind, type Tracer } from '@opentelemetry/api'
import type { IsIgnored } from '../../sampling/ignore-rules.ts'
import { DeferredTracer } from '../../sdk/deferred-tracer.ts'
import { isCarriedByHttp } from '../carried-by-http.ts'
import { type Calling, ClientCall } from './client-call.ts'
import { type ClientEnding, type Destination, Destinations } from './client-destinations.ts'
import type { Target } from './client-target.ts'
import { type Method, Methods } from './methods.ts'
import { hasSpan, type OutgoingPropagation } from './propagation.ts'
import { SharedSets } from './shared-sets.ts'

/** The user's options for outgoing requests. */
export interface ClientOptions {
  /** Omits the spans of requests that are sent outside a span. */
  readonly requiresParent?: boolean | undefined
  readonly knownMethods?: readonly string[] | undefined
  /** Matches hosts whose requests are neither traced nor measured. */
  readonly ignoresHost?: ((authority: string) => boolean) | undefined
  /** Matches requests that are traced but not measured. */
  readonly isUnmeasured?: IsIgnored | undefined
}

/** In seconds, as the semantic conventions advise (http/http-metrics). */
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
export class ClientCalls implements Calling {
  readonly sets: SharedSets = new SharedSets()
  readonly #options: ClientOptions
  readonly #methods: Methods
  readonly #destinations: Destinations
  #tracer: Tracer
  #deferred: DeferredTracer | undefined
  #durations: Histogram

  /** `measuresScheme`: whether the metric has the attribute `url.scheme`. */
  constructor(options: ClientOptions, tracer: Tracer, meter: Meter, measuresScheme: boolean) {
    this.#options = options
    this.#methods = new Methods(options.knownMethods)
    this.#destinations = new Destinations(measuresScheme)
    this.#tracer = tracer
    this.#deferred = DeferredTracer.of(tracer)
    this.#durations = durationsOf(meter)
  }

  setTracer(tracer: Tracer): void {
    this.#tracer = tracer
    this.#deferred = DeferredTracer.of(tracer)
  }

  setMeter(meter: Meter): void {
    this.#durations = durationsOf(meter)
  }

  destinationOf(method: Method, target: Target): Destination {
    return this.#destinations.of(method, target)
  }

  /** Returns undefined for an ignored host. `takesHeaders` is whether headers can still be added to the carrier. */
  start<Carrier>(
    { method, target, userAgent }: Outgoing,
    propagation: OutgoingPropagation<Carrier>,
    carrier: Carrier,
    takesHeaders: boolean,
  ): ClientCall | undefined {
    const { requiresParent, isUnmeasured, ignoresHost } = this.#options
    if (ignoresHost !== undefined && isIgnored(target, ignoresHost)) return undefined
    const active = context.active()
    const isTraced = requiresParent !== true || hasSpan(active)
    const parent = isTraced ? propagation.parentOf(active, carrier) : active
    const call = new ClientCall(this, this.#methods.of(method), target, userAgent, parent)
    if (isTraced) {
      if (!isCarriedByHttp(active)) call.span = this.#startSpan(call, parent)
      if (takesHeaders) propagation.inject(call, carrier)
    }
    if (isUnmeasured !== undefined) call.isMeasured = !call.destination.isIgnored(isUnmeasured)
    return call
  }

  #startSpan(call: ClientCall, parent: Context): Span {
    if (this.#deferred !== undefined) return this.#deferred.start(call)
    return this.#tracer.startSpan(call.name, { kind: SpanKind.CLIENT, attributes: call.attributes() }, parent)
  }

  /** Records in the context of the request's span, so that the exemplar refers to the right trace. */
  measure(call: ClientCall, { metric }: ClientEnding, durationMs: number): void {
    this.#durations.record(durationMs / 1000, metric, call)
  }
}

function isIgnored({ address, port }: Target, ignoresHost: (authority: string) => boolean): boolean {
  const colonPort = port === undefined ? '' : `:${port}`
  return ignoresHost(address + colonPort) || (address.includes(':') && ignoresHost(`[${address}]${colonPort}`))
}

function durationsOf(meter: Meter): Histogram {
  return meter.createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of HTTP client requests.',
    advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
  })
}
