import { type Attributes, type Context, INVALID_SPAN_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api'
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core'
import type { SharedAttributes, SpanFacts } from '../../sdk/deferred-span.ts'
import type { ActiveCount } from './active-requests.ts'
import { knownConnection } from './connection.ts'
import { RPC_METADATA, SPAN_KEY } from './context-keys.ts'
import type { RequestCommon } from './request-common.ts'
import { Stamped } from './stamp.ts'
import { isPlainPath, type RequestTarget, requestTargetAttributes, requestTargetOf } from './request-target.ts'

/** The span of a request that has none. */
export const NO_SPAN: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/** Associates a Node.js message with the context in which it emits its events. */
class ContextOfMessage extends Stamped {
  #context: Context

  constructor(message: object, context: Context) {
    super(message)
    this.#context = context
  }

  static of(message: object): Context | undefined {
    return #context in message ? message.#context : undefined
  }

  static set(message: object, context: Context): void {
    if (#context in message) message.#context = context
    // oxlint-disable-next-line no-new -- puts it on the message
    else new ContextOfMessage(message, context)
  }
}

/** The data that is read of a request before it is processed. */
export interface ReadRequest {
  readonly common: RequestCommon
  /** The request target as it was sent: path and query, `*`, or an absolute URL. */
  readonly url: string
  /** Attributes that this request does not share with others. */
  readonly extra: Attributes | undefined
}

/**
 * The state of a request that is being served, from its first to its last byte. It is the context in which the app's
 * code runs and, because frameworks look for it, the RPC metadata in that context.
 */
export class ServerRequest implements Context, RPCMetadata, SpanFacts {
  readonly parentContext: Context
  readonly startedAtEpochMs: number = Date.now()
  readonly startedAtMs: number = performance.now()
  readonly common: RequestCommon
  readonly url: string
  span: Span = NO_SPAN
  /** Set by `setRoute`, and through the RPC metadata by upstream's framework instrumentations. */
  route?: string
  /** Whether the handlers of the route passed the request on. If nothing answers it, it has no route. */
  isRouteLeft = false
  /** The request that an instrumented router has passed to a mount. */
  mounted: object | undefined = undefined
  /** `error.type` of an error that the app encountered before the response was complete. */
  failure: string | undefined = undefined
  /** `error.type` (`internal`) reported by a protocol above HTTP, whatever the HTTP status. */
  failedAs: string | undefined = undefined
  /** Names a request that has no route when it ends. */
  nameAtEnd: (() => void) | undefined = undefined
  /** Called once before the span ends, after a complete response and after an aborted one. */
  beforeEnd: (() => void) | undefined = undefined
  /** The count of active requests; undefined for a request that is not measured. */
  active: ActiveCount | undefined = undefined
  hasEnded = false
  readonly #extra: Attributes | undefined
  #target: RequestTarget | undefined = undefined
  #exceptions: Set<unknown> | undefined = undefined
  #listed: Context | undefined = undefined

  /** `parentContext` was extracted from the request. */
  constructor({ common, url, extra }: ReadRequest, parentContext: Context) {
    this.common = common
    this.url = url
    this.#extra = extra
    this.parentContext = parentContext
  }

  get type(): RPCType.HTTP {
    return RPCType.HTTP
  }

  get kind(): SpanKind {
    return SpanKind.SERVER
  }

  get name(): string {
    return this.common.method.name
  }

  get shared(): readonly SharedAttributes[] {
    return this.common.shared
  }

  own(): Attributes {
    this.#target ??= requestTargetOf(this.url)
    const attributes = requestTargetAttributes(this.#target)
    return this.#extra === undefined ? attributes : Object.assign(attributes, this.#extra)
  }

  get plainName(): 'url.path' {
    return 'url.path'
  }

  get plainValue(): string | undefined {
    return this.#extra === undefined && isPlainPath(this.url) ? this.url : undefined
  }

  /** Returns the request for a Node.js message; undefined if it is neither traced nor measured. */
  static of(message: object): ServerRequest | undefined {
    const context = messageContext(message)
    return context instanceof ServerRequest ? context : undefined
  }

  static active(context: Context): ServerRequest | undefined {
    const metadata = context.getValue(RPC_METADATA)
    return metadata instanceof ServerRequest ? metadata : undefined
  }

  /** Records an exception of the app that affected this request, once per exception. */
  recordException(exception: unknown): void {
    this.#exceptions ??= new Set()
    if (this.#exceptions.has(exception)) return
    this.#exceptions.add(exception)
    // For anything but an object, the SDK only accepts strings.
    const isObject = typeof exception === 'object' && exception !== null
    this.span.recordException(isObject ? (exception as Error) : String(exception))
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.span
    return key === RPC_METADATA ? this : this.parentContext.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#asList().setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.#asList().deleteValue(key)
  }

  #asList(): Context {
    this.#listed ??= setRPCMetadata(trace.setSpan(this.parentContext, this.span), this)
    return this.#listed
  }
}

/**
 * `context` is a `ServerRequest`, or the context of an ignored message. A request that is in flight on a connection need
 * not be set: a private field of each request costs more than finding it there.
 */
export function setMessageContext(message: object, context: Context): void {
  ContextOfMessage.set(message, context)
}

export function messageContext(message: object): Context | undefined {
  const { socket } = message as { readonly socket?: unknown }
  const inFlight = typeof socket === 'object' && socket !== null ? knownConnection<Served>(socket)?.inFlight : undefined
  if (inFlight !== undefined) {
    for (const { request, served } of inFlight) if (request === message) return served
  }
  return ContextOfMessage.of(message)
}

/** A request in flight. */
interface Served {
  readonly request: object
  readonly served: ServerRequest
}
