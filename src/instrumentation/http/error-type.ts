/** Codes and names of errors; a text that does not look like one could hold anything. */
const IDENTIFIER = /^[\w.:-]{1,64}$/

interface ErrorLike {
  readonly name?: unknown
  readonly code?: unknown
  readonly cause?: unknown
}

/**
 * `error.type` of a request that failed (semantic conventions, `error.type`): `AbortError` or `TimeoutError` for one that was
 * given up by its signal, else the code of node's error, else its name. Anything can be thrown.
 */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER'
  const { name, code, cause } = error as ErrorLike
  // Node wraps the signal's reason; the numeric codes of DOMException say nothing.
  if (name === 'AbortError') return isTimeout(cause) ? 'TimeoutError' : 'AbortError'
  if (isIdentifier(code)) return code
  return isIdentifier(name) ? name : '_OTHER'
}

function isTimeout(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && (cause as ErrorLike).name === 'TimeoutError'
}

function isIdentifier(text: unknown): text is string {
  return typeof text === 'string' && IDENTIFIER.test(text)
}
