import { type Attributes, type Context, INVALID_SPAN_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api'
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core'
import type { SharedAttributes, SpanFacts } from '../../sdk/deferred-span.ts'
import type { ActiveCount } from './active-requests.ts'
import { RPC_METADATA, SPAN } from './context-keys.ts'
import type { Method } from './methods.ts'
import { stampOf } from './stamp.ts'
import { targetAttributes } from './target.ts'

const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/** Context in which a message of node's emits its events, by that message. */
const contexts = stampOf<Context>()

/** What is read of a request before anything is done with it. */
export interface ReadRequest {
  readonly method: Method
  readonly scheme: 'http' | 'https'
  /** Of the protocol. */
  readonly version: string
  /** As it was sent: path and query, or `*`, or an absolute URL. */
  readonly url: string
  readonly shared: readonly SharedAttributes[]
  /** What else there is to say of this request alone. */
  readonly extra: Attributes | undefined
}

/**
 * What is known of one request that is being served, from its first to its last byte. It is the context that the app's code
 * runs in, and, since frameworks look for that, the RPC metadata in it.
 */
export class ServerRequest implements Context, RPCMetadata, SpanFacts {
  readonly type: RPCType.HTTP = RPCType.HTTP
  readonly kind: SpanKind = SpanKind.SERVER
  readonly parentContext: Context
  readonly startedAtEpochMs: number = Date.now()
  readonly startedAtMs: number = performance.now()
  readonly method: Method
  readonly scheme: 'http' | 'https'
  readonly version: string
  readonly url: string
  readonly shared: readonly SharedAttributes[]
  span: Span = NO_SPAN
  /** Set by `setRoute`, and by upstream's instrumentations of frameworks through the RPC metadata. */
  route?: string
  /** The route's handlers passed it on: where nobody answers it, it has none. */
  isRouteLeft = false
  /** That of an error that the app met before the response was complete. */
  failure: string | undefined = undefined
  /** Undefined where it is not measured. */
  active: ActiveCount | undefined = undefined
  hasEnded = false
  readonly #extra: Attributes | undefined
  #exceptions: Set<unknown> | undefined = undefined
  #listed: Context | undefined = undefined

  /** `parentContext`: what came with the request. */
  constructor({ method, scheme, version, url, shared, extra }: ReadRequest, parentContext: Context) {
    this.method = method
    this.scheme = scheme
    this.version = version
    this.url = url
    this.shared = shared
    this.#extra = extra
    this.parentContext = parentContext
  }

  get name(): string {
    return this.method.name
  }

  own(): Attributes {
    const target = targetAttributes(this.url)
    return this.#extra === undefined ? target : Object.assign(target, this.#extra)
  }

  /** Of node's own message; undefined where it is none that is traced or measured. */
  static of(message: object): ServerRequest | undefined {
    const context = contexts.of(message)
    return context instanceof ServerRequest ? context : undefined
  }

  static active(context: Context): ServerRequest | undefined {
    const metadata = context.getValue(RPC_METADATA)
    return metadata instanceof ServerRequest ? metadata : undefined
  }

  /** An exception of the app's that this request met; each is recorded once. */
  recordException(exception: unknown): void {
    this.#exceptions ??= new Set()
    if (this.#exceptions.has(exception)) return
    this.#exceptions.add(exception)
    // Of what is no object, the SDK knows only texts.
    const isObject = typeof exception === 'object' && exception !== null
    this.span.recordException(isObject ? (exception as Error) : String(exception))
  }

  getValue(key: symbol): unknown {
    if (key === SPAN) return this.span
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

/** `context`: a `ServerRequest`, or the context of a message that is left out. */
export function setMessageContext(message: object, context: Context): void {
  contexts.set(message, context)
}

export function messageContext(message: object): Context | undefined {
  return contexts.of(message)
}
