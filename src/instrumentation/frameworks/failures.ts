import { recordRequestException } from '../http/route.ts'

interface HttpError {
  readonly status?: unknown
  readonly statusCode?: unknown
  /** Of @hapi/boom. */
  readonly output?: { readonly statusCode?: unknown }
}

/** What ends the work of a route or a router early, and is no error. */
const SKIPS: ReadonlySet<unknown> = new Set(['route', 'router'])

/**
 * Records what a handler threw or passed on, once a request. An error with a status of 4xx (http-errors, Boom) is an answer, and
 * so is nothing at all.
 */
export function recordFailure(request: object, error: unknown): void {
  if (error && !SKIPS.has(error) && !isAnswer(error)) recordRequestException(request, error)
}

function isAnswer(error: unknown): boolean {
  const { status, statusCode, output } = Object(error) as HttpError
  const code = Number(status ?? statusCode ?? output?.statusCode)
  return code >= 400 && code < 500
}
