import type { Span } from '@opentelemetry/api'

/** The value of the API's enum member `SpanStatusCode.ERROR`. */
const ERROR = 2

/**
 * Some databases repeat the whole statement in the message. Not less than `MAX_VALUE_CHARS` of the privacy rules, which
 * take a shorter message for a complete one.
 */
const MAX_MESSAGE_CHARS = 16_384

/** Describes an error for the conventions, for clients that know more than its `code` and `name`. */
export interface Failure {
  /** `error.type`. */
  readonly type?: string | undefined
  /** `db.response.status_code`. */
  readonly statusCode?: string | undefined
}

/** Ends the span of a failed operation and returns its `error.type`. Never throws, whatever the thrown value is. */
export function endFailed(span: Span, thrown: unknown, failure: Failure = {}): string {
  let type = failure.type ?? '_OTHER'
  try {
    const { message, name } = Object(thrown) as Partial<Record<'message' | 'name', unknown>>
    type = failure.type ?? wordOf(codeOf(thrown)) ?? wordOf(name) ?? type
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

/**
 * Returns the code of an error. A `DOMException`, such as that of an abort signal, has a legacy number that says less than
 * its name. https://webidl.spec.whatwg.org/#idl-DOMException-error-names
 */
export function codeOf(error: unknown): unknown {
  return error instanceof DOMException ? undefined : (Object(error) as { code?: unknown }).code
}

/** Returns a code or a name, but not a text, because it becomes a label. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value) ? value : undefined
}
