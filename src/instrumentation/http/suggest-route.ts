import type { Context } from '@opentelemetry/api'
import { ServerRequest } from './server-request.ts'

/** Matches a route that takes all paths below its prefix, behind which another router may know more. */
const WILDCARD = /^(?<prefix>(?:.*\/)?)(?:\*\w*|\{\*\w+\}|\{\w+\*\}|\(\.\*\)|:\w+\*|\/\^?\.\*\$?\/)$/

/**
 * Sets the route of the request that a span belongs to, from the span's attributes. The first suggestion counts. A
 * route set by the router that serves the request takes precedence, unless it is a wildcard: `/rpc/*` gives way to
 * `/rpc/users.get`, and `/*` to any.
 */
export function suggestRoute(template: string, of: Context, traceId: string): void {
  const served = ServerRequest.active(of)
  if (served === undefined || served.hasEnded || served.span.spanContext().traceId !== traceId) return
  const { route = '/' } = served
  const prefix = route === '/' || route === '' ? '/' : WILDCARD.exec(route)?.groups?.['prefix']
  if (prefix === undefined) return
  if (prefix === '' || prefix === '/' || (template.startsWith(prefix) && !WILDCARD.test(template)))
    served.route = template
}
