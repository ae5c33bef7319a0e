/** Matches codes and names of errors. Any other text could contain anything. */
const IDENTIFIER = /^[\w.:-]{1,64}$/

interface ErrorLike {
  readonly name?: unknown
  readonly code?: unknown
  readonly cause?: unknown
}

/**
 * Returns `error.type` of a failed request: `AbortError` or `TimeoutError` if its signal aborted it, else the code of
 * the Node.js error, else its name. The value can be anything that was thrown. Semantic conventions, `error.type`.
 */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER'
  const { name, code, cause } = error as ErrorLike
  // Node.js wraps the signal's reason. The numeric codes of DOMException are not meaningful.
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
