import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { QuietSpan } from '../../sdk/quiet-span.ts'
import { reportRoutes } from '../../sdk/span-routes.ts'

type ActiveFunction = (span: Span) => unknown

class OmittedSpan extends QuietSpan {}

/** A tracer that decides for each span whether to keep, change or omit it. */
export class PassingTracer implements Tracer {
  readonly #tracer: Tracer
  readonly #kept: (name: string, options: SpanOptions) => readonly [string, SpanOptions] | undefined

  /** `kept` returns the name and options to start a span with, or undefined to omit it. */
  constructor(
    tracer: Tracer,
    kept: (name: string, options: SpanOptions) => readonly [string, SpanOptions] | undefined,
  ) {
    this.#tracer = tracer
    this.#kept = kept
  }

  startSpan(name: string, options: SpanOptions = {}, of: Context = context.active()): Span {
    const kept = this.#kept(name, options)
    if (kept !== undefined) return this.#tracer.startSpan(...kept, of)
    // Has the ids of the surrounding span, so that spans started below are children of that one.
    const around = trace.getSpanContext(of) ?? INVALID_SPAN_CONTEXT
    if (options.attributes !== undefined) reportRoutes(options.attributes, of, around.traceId)
    return new OmittedSpan(trace.wrapSpanContext(around), of, reportRoutes)
  }

  startActiveSpan<F extends ActiveFunction>(name: string, fn: F): ReturnType<F>
  startActiveSpan<F extends ActiveFunction>(name: string, options: SpanOptions, fn: F): ReturnType<F>
  startActiveSpan<F extends ActiveFunction>(name: string, options: SpanOptions, of: Context, fn: F): ReturnType<F>
  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const fn = rest.pop() as ActiveFunction
    const [options = {}, of = context.active()] = rest as [SpanOptions?, Context?]
    const span = this.startSpan(name, options, of)
    // If a span is omitted, the span around it stays active.
    return context.with(span instanceof OmittedSpan ? of : trace.setSpan(of, span), fn, undefined, span)
  }
}
