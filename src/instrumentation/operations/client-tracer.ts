import {
  type Attributes,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api'

/** What a client's hooks make their spans with. */
export interface ClientTracer {
  /** The options that the user set. */
  readonly options: Readonly<Record<string, unknown>>
  /** A span in the active context. It does not record where the client asks for a parent and there is none. */
  start(name: string, attributes: Attributes, kind?: SpanKind): Span
}

interface Instrumented {
  readonly currentTracer: () => Tracer
  readonly currentOptions: () => Readonly<Record<string, unknown>>
}

export function clientTracer({ currentTracer, currentOptions }: Instrumented): ClientTracer {
  return {
    get options() {
      return currentOptions()
    },
    start(name, attributes, kind = SpanKind.CLIENT) {
      const parentContext = context.active()
      if (currentOptions()['requireParentSpan'] === true && trace.getSpan(parentContext) === undefined)
        return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
      return currentTracer().startSpan(name, { kind, attributes }, parentContext)
    },
  }
}
