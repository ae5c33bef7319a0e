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

/** What a client's hooks make their spans with. */
export interface ClientTracer {
  /** The options that the user set. */
  readonly options: Readonly<Record<string, unknown>>
  /** That of the provider which is in use. */
  readonly meter: Meter
  /** A span, in the active context unless another is given. It does not record where the client asks for a parent and there is none. */
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
