import { type Span, trace } from '@opentelemetry/api'

/**
 * The statement with the trace that it belongs to in a comment behind it, which a database can log. A statement that has a comment
 * already stays as it is. https://google.github.io/sqlcommenter/spec/
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
