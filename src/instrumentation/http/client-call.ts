import { type Attributes, type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { Guard } from '../../base/guard.ts'
import { DeferredSpan, type SharedAttributes, type SpanFacts } from '../../sdk/deferred-span.ts'
import type { ClientEnding, Destination } from './client-destinations.ts'
import type { Target } from './client-target.ts'
import { SPAN_KEY } from './context-keys.ts'
import { errorTypeOf } from './error-type.ts'
import type { Method } from './methods.ts'
import { isPlainPath } from './request-target.ts'
import type { SharedSets } from './shared-sets.ts'

/** The state shared by all calls of one instrumentation. */
export interface Calling {
  destinationOf(method: Method, target: Target): Destination
  readonly sets: SharedSets
  measure(call: ClientCall, ending: ClientEnding, durationMs: number): void
}

/** The remote end of a connection, from the socket. */
interface Peer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

interface Failure {
  readonly error: unknown
}

const guard = new Guard('recording the end of an outgoing request', 'it is not affected')

/**
 * One outgoing request. It is notified of what happens to the request, and records its span and its measurement when it
 * ends. It is also the context that contains its span, from which headers and exemplars are made.
 */
export class ClientCall implements Context, SpanFacts {
  readonly startedAtEpochMs: number = Date.now()
  readonly startedAtMs: number = performance.now()
  readonly parentContext: Context
  shared: readonly SharedAttributes[]
  target: Target
  status: number | undefined = undefined
  hasEnded = false
  /** Undefined for a request without a span. */
  span: Span | undefined = undefined
  isMeasured = true
  readonly #calling: Calling
  readonly #method: Method
  #destination: Destination
  #protocolVersion: string | undefined = undefined
  #captured: Attributes | undefined = undefined

  constructor(calling: Calling, method: Method, target: Target, userAgent: unknown, parentContext: Context) {
    this.#calling = calling
    this.#method = method
    this.target = target
    this.parentContext = parentContext
    this.#destination = calling.destinationOf(method, target)
    this.shared =
      typeof userAgent === 'string'
        ? [this.#destination.shared, calling.sets.get(userAgent, () => ({ 'user_agent.original': userAgent }))]
        : [this.#destination.shared]
  }

  get kind(): SpanKind {
    return SpanKind.CLIENT
  }

  get name(): string {
    return this.#method.name
  }

  get destination(): Destination {
    return this.#destination
  }

  own(): Attributes {
    const own = { 'url.full': this.target.url }
    return this.#captured === undefined ? own : { ...own, ...this.#captured }
  }

  get plainName(): 'url.full' {
    return 'url.full'
  }

  get plainValue(): string | undefined {
    if (this.#captured !== undefined || !this.#destination.isPlain) return undefined
    const { scheme, url } = this.target
    return isPlainPath(url, url.indexOf('/', scheme.length + 3)) ? url : undefined
  }

  /** The attributes that the span begins with. */
  attributes(): Attributes {
    return Object.assign({}, ...this.shared.map(({ attributes }) => attributes), this.own()) as Attributes
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY && this.span !== undefined ? this.span : this.parentContext.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#asList().setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.#asList().deleteValue(key)
  }

  #asList(): Context {
    return this.span === undefined ? this.parentContext : trace.setSpan(this.parentContext, this.span)
  }

  /** Records the connection. `protocolVersion` is `1.1` or `2`. */
  connected({ remoteAddress, remotePort }: Peer, protocolVersion: string): void {
    const isFirst = this.#protocolVersion === undefined
    this.#protocolVersion = protocolVersion
    if (remoteAddress === undefined || !isFirst) return
    this.shared = [...this.shared, this.#destination.peer(remoteAddress, remotePort)]
  }

  /** Corrects the target of a request that went elsewhere than it seemed at its start. */
  redirect(target: Target): void {
    const before = this.#destination.shared
    this.target = target
    this.#destination = this.#calling.destinationOf(this.#method, target)
    const { shared } = this.#destination
    this.shared = this.shared.map((each) => (each === before ? shared : each))
  }

  /** Holds the attributes of captured headers; undefined if the span is not recorded. */
  get captured(): Attributes | undefined {
    return this.span?.isRecording() === true ? (this.#captured ??= {}) : undefined
  }

  /** Ends the call: the response is complete, or the app discards the rest of it. */
  end(): void {
    this.#end(undefined)
  }

  fail(error: unknown): void {
    this.#end({ error })
  }

  /** Called in listeners of the app's requests, where an exception would be the app's. */
  #end(failure: Failure | undefined): void {
    if (this.hasEnded) return
    this.hasEnded = true
    guard.run(() => this.#record(failure))
  }

  #record(failure: Failure | undefined): void {
    const endedAtMs = performance.now()
    const { status } = this
    let errorType: string | undefined
    if (failure !== undefined) errorType = errorTypeOf(failure.error)
    else if (status !== undefined && status >= 400) errorType = String(status)
    const ending = this.#destination.ending({ status, protocolVersion: this.#protocolVersion, errorType })
    if (this.span?.isRecording() === true) this.#endSpan(this.span, ending, failure, endedAtMs)
    if (this.isMeasured) this.#calling.measure(this, ending, endedAtMs - this.startedAtMs)
  }

  #endSpan(span: Span, ending: ClientEnding, failure: Failure | undefined, endedAtMs: number): void {
    const isDeferred = span instanceof DeferredSpan
    // A span of the SDK already has the initial attributes.
    if (!isDeferred) span.setAttributes(this.attributes())
    let { status } = ending
    if (failure !== undefined) {
      const message = messageOf(failure.error)
      status = { code: SpanStatusCode.ERROR, message }
      span.recordException(isObject(failure.error) ? (failure.error as Error) : message)
    }
    if (isDeferred) {
      span.finish(
        failure === undefined ? ending : { name: undefined, attributes: ending.attributes, status },
        endedAtMs,
      )
      return
    }
    span.setAttributes(ending.attributes)
    if (status.code !== SpanStatusCode.UNSET) span.setStatus(status)
    span.end()
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function messageOf(error: unknown): string {
  const message: unknown = isObject(error) ? (error as Error).message : error
  return typeof message === 'string' ? message : ''
}
