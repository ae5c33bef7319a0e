import {
  type Attributes,
  type Context,
  type MeterProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { Guard } from '../../base/guard.ts'
import { DeferredSpan } from '../../sdk/deferred-span.ts'
import { DeferredTracer } from '../../sdk/deferred-tracer.ts'
import { QuietSpan } from '../../sdk/quiet-span.ts'
import { reportRoutes } from '../../sdk/span-routes.ts'
import { headerCapture } from './captured-headers.ts'
import { Methods } from './methods.ts'
import type { ExchangeOutcome } from './outcome.ts'
import { PLAIN_FIELDS, type PlainHeaders } from './plain-headers.ts'
import { hasSpan } from './propagation.ts'
import { type RequestHead, type RequestConnection, RequestReader } from './read-request.ts'
import { ServerEndings } from './server-endings.ts'
import { ServerMetrics } from './server-metrics.ts'
import type { ServerConfig } from './server-config.ts'
import { NO_SPAN, ServerRequest } from './server-request.ts'

/** The context of an ignored request; nothing below it is traced either. */
const IGNORED: Context = suppressTracing(ROOT_CONTEXT)

/** The sizes of a request's bodies in bytes. */
export interface Bodies {
  readonly requestBytes: number
  readonly responseBytes: number
}

/** Traces and measures incoming requests of any protocol. */
export class Serving {
  readonly config: ServerConfig
  readonly #reader: RequestReader
  /** Guards work of ours inside Node's own code, where an exception would end the app. */
  readonly guard: Guard = new Guard('tracing a request', 'it is served anyway')
  readonly #endings = new ServerEndings()
  readonly #metrics: ServerMetrics
  readonly #capture: ReturnType<typeof headerCapture>
  #tracer: Tracer | undefined
  #deferred: DeferredTracer | undefined
  #propagator: TextMapPropagator | undefined
  #hasPlainFields = false

  constructor(config: ServerConfig) {
    this.config = config
    this.#capture = headerCapture('response', config.headersToSpanAttributes?.server?.responseHeaders)
    this.#reader = new RequestReader(new Methods(config.knownMethods), config)
    this.#metrics = new ServerMetrics(config.bodySizes !== false)
  }

  /** Whether `plainHeaders` finds all headers that are read of a request. */
  get readsPlain(): boolean {
    const { _getGlobalPropagator: get } = propagation as unknown as { _getGlobalPropagator(): TextMapPropagator }
    const propagator = get.call(propagation)
    if (propagator !== this.#propagator) {
      this.#propagator = propagator
      this.#hasPlainFields = propagator.fields().every((field) => PLAIN_FIELDS.has(field))
    }
    return this.#hasPlainFields && this.#reader.readsPlain
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#metrics.setMeterProvider(provider)
  }

  setTracer(tracer: Tracer): void {
    this.#tracer = tracer
    this.#deferred = DeferredTracer.of(tracer)
  }

  /**
   * Begins a request. Returns a context that is not a `ServerRequest` if the request is ignored. `plain` are its headers if
   * no others are read.
   */
  begin(
    asked: RequestHead,
    by: RequestConnection,
    request: { readonly url?: string | undefined },
    plain?: PlainHeaders,
  ): Context {
    if (this.config.ignoreIncomingRequestHook?.(request) === true) return IGNORED
    const parent = plain === undefined ? propagation.extract(ROOT_CONTEXT, asked.headers) : ROOT_CONTEXT
    const served = new ServerRequest(this.#reader.read(asked, by, plain), parent)
    served.span = this.#start(served, parent)
    if (this.config.isUnmeasured?.(SpanKind.SERVER, served.own()) !== true) {
      const { common } = served
      served.active = common.active ??= this.#metrics.active.of(common.method.attribute, common.scheme)
      served.active.value += 1
    }
    return served
  }

  /** Ends a request, once. `response` provides the sent headers, for those that are captured. */
  end(served: ServerRequest, outcome: ExchangeOutcome, bodies: Bodies, endedAtMs: number, response?: Sent): void {
    if (served.hasEnded) return
    served.hasEnded = true
    // What the app started for this request may refer to `served` for long.
    served.mounted = undefined
    served.nameAtEnd?.()
    served.nameAtEnd = undefined
    served.beforeEnd?.()
    const ending = this.#endings.of(served, outcome)
    const { span, active } = served
    if (this.#capture !== undefined && response !== undefined) {
      const captured: Attributes = {}
      this.#capture((name) => response.getHeader(name), captured)
      span.setAttributes(captured)
    }
    if (span instanceof DeferredSpan) span.finish(ending, endedAtMs)
    else if (span.isRecording()) {
      span.setAttributes(ending.attributes)
      if (ending.status.code !== 0) span.setStatus(ending.status)
      if (ending.name !== undefined) span.updateName(ending.name)
      span.end()
    }
    if (active === undefined) return
    active.value -= 1
    const durationMs = endedAtMs - served.startedAtMs
    this.#metrics.record(durationMs, bodies.requestBytes, bodies.responseBytes, ending.metric, served)
  }

  #start(served: ServerRequest, parent: Context): Span {
    if (this.config.requireParentforIncomingSpans === true && !hasSpan(parent)) return NO_SPAN
    if (this.#deferred !== undefined) {
      const span = this.#deferred.start(served)
      return span instanceof DeferredSpan ? span : new QuietSpan(span, served, reportRoutes)
    }
    const { name, kind } = served
    const attributes = Object.assign({}, ...served.shared.map((shared) => shared.attributes), served.own())
    return this.#tracer?.startSpan(name, { kind, attributes }, parent) ?? NO_SPAN
  }
}

interface Sent {
  getHeader(name: string): number | string | readonly string[] | undefined
}
