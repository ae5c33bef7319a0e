import { type Context, isSpanContextValid, propagation, trace } from '@opentelemetry/api'
import { DeferredSpan } from '../../sdk/deferred-span.ts'
import { registeredByApp } from '../../sdk/global-registry.ts'

/** Reads and writes the headers of a request that is about to be sent. Names are in lower case. */
export interface HeaderAccess<Carrier> {
  get(carrier: Carrier, name: string): unknown
  set(carrier: Carrier, name: string, value: string): void
  remove(carrier: Carrier, name: string): void
}

/** Injects the context into the headers of outgoing requests, and extracts a context that the app has set there. */
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
   * Returns the parent context of a request's span: `active` if it has a span, else the context in the request's own
   * headers, if any.
   */
  parentOf(active: Context, carrier: Carrier): Context {
    if (hasSpan(active) || !this.#traceFields().some((name) => this.#headers.get(carrier, name) !== undefined)) {
      return active
    }
    const callers = trace.getSpanContext(propagation.extract(active, carrier, this.#getter))
    return callers === undefined ? active : trace.setSpanContext(active, callers)
  }

  /**
   * Replaces the values that the app has set: a header must not occur twice, and `tracestate` belongs to its
   * `traceparent`.
   */
  inject(context: Context, carrier: Carrier): void {
    const headers = this.#headers
    const isReplaced = headers.get(carrier, 'traceparent') !== undefined
    // The header comes from an SDK that the app started, whose traces continue as without this package.
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
