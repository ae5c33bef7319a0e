import { context } from '@opentelemetry/api'
import { recordRequestException } from '../http/route.ts'
import { ServerRequest } from '../http/server-request.ts'

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

/** The same for the request that the code which is running serves, where a framework has no message of node's at hand. */
export function recordActiveFailure(error: unknown): void {
  const served = ServerRequest.active(context.active())
  if (error && !isAnswer(error)) served?.recordException(error)
}

/** Polka and Elysia answer with the code of an error, as others do with its status. */
export function isAnswerByCode(error: unknown): boolean {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'number' && code >= 400 && code < 500
}

function isAnswer(error: unknown): boolean {
  const { status, statusCode, output } = Object(error) as HttpError
  const code = Number(status ?? statusCode ?? output?.statusCode)
  return code >= 400 && code < 500
}
