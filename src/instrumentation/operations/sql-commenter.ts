import { type Span, trace } from '@opentelemetry/api'

/**
 * Appends the trace context to a statement as a comment, which a database can log. A statement that already has a
 * comment is returned unchanged. https://google.github.io/sqlcommenter/spec/
 */
export function withTraceComment(span: Span, statement: string): string {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  if (statement === '' || COMMENT.test(statement) || !trace.isSpanContextValid(span.spanContext())) return statement
  const fields = {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`,
    tracestate: traceState?.serialize(),
  }
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}='${encodeURIComponent(value).replaceAll("'", '%27')}'`],
  )
  return `${statement} /*${parts.join(',')}*/`
}

const COMMENT = /--|\/\*/
