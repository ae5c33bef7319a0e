import type { Span } from '@opentelemetry/api'

/** SpanStatusCode.ERROR, which is an enum of the API's. */
const ERROR = 2

/** Some databases repeat the whole statement. */
const MAX_MESSAGE_CHARS = 16_384

/** What the conventions want to know of an error, where the client knows better than its `code` and `name`. */
export interface Failure {
  /** `error.type`. */
  readonly type?: string | undefined
  /** `db.response.status_code`. */
  readonly statusCode?: string | undefined
}

/** Ends the span of an operation that failed, and gives its `error.type`. Whatever was thrown, this does not throw. */
export function endFailed(span: Span, thrown: unknown, failure: Failure = {}): string {
  let type = failure.type ?? '_OTHER'
  try {
    const { message, name, code } = Object(thrown) as Partial<Record<'message' | 'name' | 'code', unknown>>
    type = failure.type ?? wordOf(code) ?? wordOf(name) ?? type
    span.setAttribute('error.type', type)
    if (failure.statusCode !== undefined) span.setAttribute('db.response.status_code', failure.statusCode)
    if (typeof thrown === 'object' && thrown !== null) span.recordException(thrown as Error)
    span.setStatus({
      code: ERROR,
      ...(typeof message === 'string' ? { message: message.slice(0, MAX_MESSAGE_CHARS) } : {}),
    })
  } catch {
    span.setStatus({ code: ERROR })
  }
  span.end()
  return type
}

/** A code or a name, not a text: it becomes a label. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value) ? value : undefined
}
