import { type Attributes, type Context, type Span, SpanStatusCode } from '@opentelemetry/api'
import { errorTypeOf } from './error-type.ts'
import type { Target } from './client-target.ts'

/** Who records the duration of a call that has ended. */
interface Measuring {
  measure(call: ClientCall): void
}

/** What the socket tells of the other end. */
interface Peer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/** One outgoing request on its way: it is told what happens to it, and writes its span and its measurement when it ends. */
export class ClientCall {
  readonly method: string
  readonly startMs: number
  /** With the request's span. */
  readonly context: Context
  target: Target
  status: number | undefined
  protocolVersion: string | undefined
  errorType: string | undefined
  hasEnded = false
  readonly #measuring: Measuring | undefined
  readonly #span: Span | undefined
  #peerAddress: string | undefined
  #peerPort: number | undefined
  #captured: Attributes | undefined

  /** `measuring` and `span` are undefined for a request that is not measured or not traced. */
  constructor(
    measuring: Measuring | undefined,
    method: string,
    target: Target,
    span: Span | undefined,
    context: Context,
    startMs: number,
  ) {
    this.#measuring = measuring
    this.method = method
    this.target = target
    this.#span = span
    this.context = context
    this.startMs = startMs
  }

  /** The connection is there. `protocolVersion`: `1.1` or `2`. */
  connected({ remoteAddress, remotePort }: Peer, protocolVersion: string): void {
    this.#peerAddress = remoteAddress
    this.#peerPort = remotePort
    this.protocolVersion = protocolVersion
  }

  /** The request went elsewhere than it seemed when it was made. */
  redirect(target: Target): void {
    this.target = target
    if (target.port !== undefined) {
      this.#span?.setAttributes({ 'server.port': target.port, 'url.full': target.url })
    }
  }

  /** Where attributes of captured headers are put; undefined where nothing is recorded. */
  get captured(): Attributes | undefined {
    return this.#span?.isRecording() === true ? (this.#captured ??= {}) : undefined
  }

  /** The response is complete, or nobody wants the rest of it. */
  end(): void {
    this.#end(undefined)
  }

  fail(error: unknown): void {
    this.#end({ error })
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.hasEnded) return
    this.hasEnded = true
    const { status } = this
    if (failure !== undefined) this.errorType = errorTypeOf(failure.error)
    else if (status !== undefined && status >= 400) this.errorType = String(status)
    if (this.#span !== undefined) this.#endSpan(this.#span, failure)
    this.#measuring?.measure(this)
  }

  #endSpan(span: Span, failure: { readonly error: unknown } | undefined): void {
    if (span.isRecording()) {
      const attributes: Attributes = this.#captured ?? {}
      if (this.status !== undefined) attributes['http.response.status_code'] = this.status
      if (this.protocolVersion !== undefined) attributes['network.protocol.version'] = this.protocolVersion
      if (this.#peerAddress !== undefined) attributes['network.peer.address'] = this.#peerAddress
      if (this.#peerPort !== undefined) attributes['network.peer.port'] = this.#peerPort
      if (this.errorType !== undefined) attributes['error.type'] = this.errorType
      span.setAttributes(attributes)
      if (failure !== undefined) recordFailure(span, failure.error)
      else if (this.errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
}

function recordFailure(span: Span, error: unknown): void {
  const message = messageOf(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.recordException(typeof error === 'object' && error !== null ? (error as Error) : message)
}

function messageOf(error: unknown): string {
  const message: unknown = typeof error === 'object' && error !== null ? (error as Error).message : error
  return typeof message === 'string' ? message : ''
}
