import {
  type Attributes,
  type AttributeValue,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { suggestRoute } from '../http/suggest-route.ts'

/** Attributes by which a framework's own spans tell the route of the request: that of Next.js, and the convention's. */
const ROUTES = ['next.route', 'http.route'] as const

/** What Next.js shows where nothing matches. */
const NOT_FOUND: ReadonlySet<string> = new Set(['/_not-found', '/404', '/_error'])

function suggestRouteOf(attributes: Attributes | undefined, of: Context): void {
  if (attributes === undefined) return
  for (const name of ROUTES) {
    const route = attributes[name]
    if (typeof route === 'string' && !NOT_FOUND.has(route)) suggestRoute(of, route)
  }
}

/**
 * Stands for a span that is left out: it has the ids of the span around it, so that what is started below it is below that one,
 * and tells nobody anything but the request's route.
 */
class PassingSpan implements Span {
  readonly #context: Context

  constructor(of: Context) {
    this.#context = of
  }

  spanContext(): SpanContext {
    return trace.getSpanContext(this.#context) ?? INVALID_SPAN_CONTEXT
  }

  setAttribute(key: string, value: AttributeValue): this {
    return this.setAttributes({ [key]: value })
  }

  setAttributes(attributes: Attributes): this {
    suggestRouteOf(attributes, this.#context)
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  end(): void {}

  isRecording(): boolean {
    return false
  }

  recordException(): void {}
}

type ActiveFunction = (span: Span) => unknown

/** A tracer whose spans are kept, changed or left out one by one. */
export class PassingTracer implements Tracer {
  readonly #tracer: Tracer
  readonly #kept: (name: string, options: SpanOptions) => readonly [string, SpanOptions] | undefined

  /** `kept`: name and options to start a span with; undefined: it is left out. */
  constructor(
    tracer: Tracer,
    kept: (name: string, options: SpanOptions) => readonly [string, SpanOptions] | undefined,
  ) {
    this.#tracer = tracer
    this.#kept = kept
  }

  startSpan(name: string, options: SpanOptions = {}, of: Context = context.active()): Span {
    suggestRouteOf(options.attributes, of)
    const kept = this.#kept(name, options)
    return kept === undefined ? new PassingSpan(of) : this.#tracer.startSpan(...kept, of)
  }

  startActiveSpan<F extends ActiveFunction>(name: string, fn: F): ReturnType<F>
  startActiveSpan<F extends ActiveFunction>(name: string, options: SpanOptions, fn: F): ReturnType<F>
  startActiveSpan<F extends ActiveFunction>(name: string, options: SpanOptions, of: Context, fn: F): ReturnType<F>
  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const fn = rest.pop() as ActiveFunction
    const [options = {}, of = context.active()] = rest as [SpanOptions?, Context?]
    const span = this.startSpan(name, options, of)
    // The span around one that is left out stays the active one.
    const inside = span instanceof PassingSpan ? of : trace.setSpan(of, span)
    return context.with(inside, fn, undefined, span)
  }
}
