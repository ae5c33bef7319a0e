import type { Context } from '@opentelemetry/api'
import { ServerRequest } from './server-request.ts'

/** Matches a catch-all route, behind which another router may know more. */
const TAKES_ALL = /^\/?(?:\*\w*|\{\*\w+\}|\{\w+\*\}|\(\.\*\)|:\w+\*|\/\^?\.\*\$?\/)?$/

/**
 * Sets the route of the request that a span belongs to, from the span's attributes. The first suggestion counts. A
 * route set by the router that serves the request takes precedence, unless it is a catch-all.
 */
export function suggestRoute(template: string, of: Context, traceId: string): void {
  const served = ServerRequest.active(of)
  if (served === undefined || served.hasEnded || served.span.spanContext().traceId !== traceId) return
  if (served.route === undefined || TAKES_ALL.test(served.route)) served.route = template
}
