import { withoutCredentials } from '../../base/host.ts'
import {
  type Attributes,
  type Context,
  type Histogram,
  type Meter,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { InternedAttributes } from '../interned-attributes.ts'

/** Semantic conventions, rpc/rpc-metrics: `ExplicitBucketBoundaries`. */
const BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** `rpc.system.name`: `grpc` and `connectrpc` are the conventional values. */
export type RpcSystem = 'grpc' | 'connectrpc'

export interface RpcBeginning {
  readonly system: RpcSystem
  /** `package.Service/Method`, or `_OTHER` if the server does not know the method. */
  readonly method: string
  /** Attributes of the span only. */
  readonly attributes?: Attributes
  /** Attributes of the span and the metric. */
  readonly server?: { readonly address: string; readonly port: number | undefined }
}

export interface RpcOutcome {
  /** As the conventions of the system spell it. */
  readonly status: string
  readonly isError: boolean
  readonly message?: string | undefined
}

/** Traces and measures the calls of one side: semantic conventions, rpc/rpc-spans and rpc/rpc-metrics. */
export class RpcCalls {
  readonly #kind: SpanKind.SERVER | SpanKind.CLIENT
  readonly #tracer: () => Tracer
  readonly #sets = new InternedAttributes()
  #durations: Histogram | undefined

  constructor(kind: SpanKind.SERVER | SpanKind.CLIENT, tracer: () => Tracer) {
    this.#kind = kind
    this.#tracer = tracer
  }

  setMeter(meter: Meter): void {
    const [side, direction] = this.#kind === SpanKind.SERVER ? ['server', 'incoming'] : ['client', 'outgoing']
    this.#durations = meter.createHistogram(`rpc.${side}.call.duration`, {
      unit: 's',
      description: `Measures the duration of an ${direction} Remote Procedure Call (RPC).`,
      advice: { explicitBucketBoundaries: BOUNDARIES_S },
    })
  }

  /** Begins a call with a span of its own. */
  begin(beginning: RpcBeginning, parent: Context): RpcCall {
    const attributes = { ...beginning.attributes, ...commonOf(beginning) }
    const span = this.#tracer().startSpan(beginning.method, { kind: this.#kind, attributes }, parent)
    return this.#call(beginning, span, trace.setSpan(parent, span), true)
  }

  /** Begins a call that is carried by an HTTP request, whose span represents both. */
  beginWithin(beginning: RpcBeginning, span: Span, within: Context): RpcCall {
    span.setAttributes({ ...beginning.attributes, ...commonOf(beginning) })
    return this.#call(beginning, span, within, false)
  }

  #call(beginning: RpcBeginning, span: Span, context: Context, endsSpan: boolean): RpcCall {
    return new RpcCall(span, context, endsSpan, (durationMs, outcome) => {
      const labels = this.#labels(beginning, outcome)
      this.#durations?.record(durationMs / 1000, labels, context)
    })
  }

  #labels(beginning: RpcBeginning, { status, isError }: RpcOutcome): Attributes {
    const { system, method, server } = beginning
    const key = `${system} ${status} ${server?.address ?? ''} ${server?.port ?? ''} ${method}`
    return this.#sets.get(key, () => ({ ...commonOf(beginning), ...endOf(status, isError) }))
  }
}

/** One call, from its first to its last message. */
export class RpcCall {
  readonly span: Span
  /** The context in which the app's code that serves the call runs. */
  readonly context: Context
  readonly #startedAtMs = performance.now()
  readonly #endsSpan: boolean
  readonly #measure: (durationMs: number, outcome: RpcOutcome) => void
  #hasEnded = false

  constructor(
    span: Span,
    context: Context,
    endsSpan: boolean,
    measure: (durationMs: number, outcome: RpcOutcome) => void,
  ) {
    this.span = span
    this.context = context
    this.#endsSpan = endsSpan
    this.#measure = measure
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Ends the call. Later calls of this method have no effect. */
  end(outcome: RpcOutcome): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { status, isError, message } = outcome
    this.span.setAttributes(endOf(status, isError))
    if (isError) this.span.setStatus({ code: SpanStatusCode.ERROR, ...(message ? { message } : {}) })
    if (this.#endsSpan) this.span.end()
    this.#measure(performance.now() - this.#startedAtMs, outcome)
  }
}

function commonOf({ system, method, server }: RpcBeginning): Attributes {
  const attributes: Attributes = { 'rpc.system.name': system, 'rpc.method': method }
  if (server === undefined) return attributes
  attributes['server.address'] = withoutCredentials(server.address)
  if (server.port !== undefined) attributes['server.port'] = server.port
  return attributes
}

function endOf(status: string, isError: boolean): Attributes {
  return { 'rpc.status_code': status, ...(isError ? { 'error.type': status } : {}) }
}
