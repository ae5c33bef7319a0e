import { recordRequestException } from '../http/route.ts'

interface HttpError {
  readonly status?: unknown
  readonly statusCode?: unknown
  /** Of @hapi/boom. */
  readonly output?: { readonly statusCode?: unknown }
}

/**
 * Records what a handler threw or passed on, once a request. A value that is not an object ends a router's work early
 * (`next('route')`), and an error with a status of 4xx (http-errors, Boom) is an answer.
 */
export function recordFailure(request: object, error: unknown): void {
  if (typeof error === 'object' && error !== null && !isAnswer(error)) recordRequestException(request, error)
}

function isAnswer({ status, statusCode, output }: HttpError): boolean {
  const code = Number(status ?? statusCode ?? output?.statusCode)
  return code >= 400 && code < 500
}
