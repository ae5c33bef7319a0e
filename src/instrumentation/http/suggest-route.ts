import type { Context } from '@opentelemetry/api'
import { ServerRequest } from './server-request.ts'

/** A route that takes whatever comes: it stands before another router, which knows more. */
const TAKES_ALL = /^\/?(?:\*\w*|\{\*\w+\}|\{\w+\*\}|\(\.\*\)|:\w+\*|\/\^?\.\*\$?\/)?$/

/**
 * Names the route of the request that a span is part of, from what the span tells of it. The first one counts, and one that the
 * router named which serves the request counts more, unless that takes all.
 */
export function suggestRoute(template: string, of: Context, traceId: string): void {
  const served = ServerRequest.active(of)
  if (served === undefined || served.hasEnded || served.span.spanContext().traceId !== traceId) return
  if (served.route === undefined || TAKES_ALL.test(served.route)) served.route = template
}
