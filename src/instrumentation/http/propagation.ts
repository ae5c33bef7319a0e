import { type Context, isSpanContextValid, propagation, trace } from '@opentelemetry/api'
import { DeferredSpan } from '../../sdk/deferred-span.ts'
import { registeredByApp } from '../../sdk/global-registry.ts'

/** Reads and writes the headers of a request that is about to be sent. Names are in lower case. */
export interface HeaderAccess<Carrier> {
  get(carrier: Carrier, name: string): unknown
  set(carrier: Carrier, name: string, value: string): void
  remove(carrier: Carrier, name: string): void
}

/** Puts the context into the headers of outgoing requests, and finds the one that the app put there itself. */
export class OutgoingPropagation<Carrier> {
  readonly #headers: HeaderAccess<Carrier>
  readonly #getter: { get(carrier: Carrier, name: string): string | string[] | undefined; keys(): string[] }
  #fields: readonly string[] | undefined

  constructor(headers: HeaderAccess<Carrier>) {
    this.#headers = headers
    this.#getter = {
      get: (carrier, name) => headers.get(carrier, name) as string | string[] | undefined,
      keys: () => [],
    }
  }

  /**
   * The context that a request's span begins in: `active` when it has a span, else the trace that the app named in the
   * request's own headers, if any.
   */
  parentOf(active: Context, carrier: Carrier): Context {
    if (hasSpan(active) || !this.#traceFields().some((name) => this.#headers.get(carrier, name) !== undefined)) {
      return active
    }
    const callers = trace.getSpanContext(propagation.extract(active, carrier, this.#getter))
    return callers === undefined ? active : trace.setSpanContext(active, callers)
  }

  /** Replaces what the app set: a header must not have two values, and a `tracestate` belongs to its `traceparent`. */
  inject(context: Context, carrier: Carrier): void {
    const headers = this.#headers
    const isReplaced = headers.get(carrier, 'traceparent') !== undefined
    // The header is of an SDK that the app started: its traces go on as without this package.
    if (isReplaced && registeredByApp('trace') !== undefined) return
    propagation.inject(context, carrier, headers)
    if (!isReplaced || headers.get(carrier, 'tracestate') === undefined) return
    const spanContext = trace.getSpanContext(context)
    if (spanContext !== undefined && spanContext.traceState === undefined) headers.remove(carrier, 'tracestate')
  }

  #traceFields(): readonly string[] {
    return (this.#fields ??= propagation.fields().filter((name) => name !== 'baggage' && name !== 'tracestate'))
  }
}

export function hasSpan(context: Context): boolean {
  const span = trace.getSpan(context)
  if (span instanceof DeferredSpan) return true
  const spanContext = span?.spanContext()
  return spanContext !== undefined && isSpanContextValid(spanContext)
}
