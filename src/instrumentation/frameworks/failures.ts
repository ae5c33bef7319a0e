import { recordActiveException, recordRequestException } from '../http/route.ts'

interface HttpError {
  readonly status?: unknown
  readonly statusCode?: unknown
  /** Set by @hapi/boom. */
  readonly output?: { readonly statusCode?: unknown }
}

/** Values that end a route or a router early and are not errors. */
const SKIPS: ReadonlySet<unknown> = new Set(['route', 'router'])

/**
 * Records what a handler threw or passed to `next`, once per request. An error with a 4xx status (http-errors, Boom) is
 * a response and not recorded; neither is an empty value. `path`: the path that the framework was called for.
 */
export function recordFailure(request: object, error: unknown, path?: string): void {
  if (error && !SKIPS.has(error) && !isAnswer(error)) recordRequestException(request, error, path)
}

/** Records the failure of the active request, for frameworks that do not provide the Node.js request. */
export function recordActiveFailure(error: unknown, path?: string): void {
  if (error && !isAnswer(error)) recordActiveException(error, path)
}

/** Returns whether the error's code is the response status, as in Polka and Elysia. */
export function isAnswerByCode(error: unknown): boolean {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'number' && code >= 400 && code < 500
}

/** Returns whether the error's status is 4xx. */
export function isAnswer(error: unknown): boolean {
  const { status, statusCode, output } = Object(error) as HttpError
  const code = Number(status ?? statusCode ?? output?.statusCode)
  return code >= 400 && code < 500
}
