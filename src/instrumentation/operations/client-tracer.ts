import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Meter,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api'

/** Creates spans for the hooks of a client. */
export interface ClientTracer {
  /** The options that the user set. */
  readonly options: Readonly<Record<string, unknown>>
  /** The meter of the current provider. */
  readonly meter: Meter
  /**
   * Starts a span in the active context, or in the given one. The span does not record if the client requires a parent
   * and there is none.
   */
  start(name: string, attributes: Attributes, kind?: SpanKind, parentContext?: Context): Span
}

interface Instrumented {
  readonly currentTracer: () => Tracer
  readonly currentMeter: () => Meter
  readonly currentOptions: () => Readonly<Record<string, unknown>>
}

export function clientTracer({ currentTracer, currentMeter, currentOptions }: Instrumented): ClientTracer {
  return {
    get options() {
      return currentOptions()
    },
    get meter() {
      return currentMeter()
    },
    start(name, attributes, kind = SpanKind.CLIENT, parentContext = context.active()) {
      if (currentOptions()['requireParentSpan'] === true && trace.getSpan(parentContext) === undefined)
        return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
      return currentTracer().startSpan(name, { kind, attributes }, parentContext)
    },
  }
}
