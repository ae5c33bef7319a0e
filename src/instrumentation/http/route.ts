import { context, type Span } from '@opentelemetry/api'
import { ServerRequest } from './server-request.ts'

/**
 * What a framework's instrumentation says of the request that it serves. In each function `request` is node's own message:
 * an `IncomingMessage`, an `Http2ServerRequest` or the stream of an HTTP/2 request. A request that is not traced or
 * measured, as one left out by `OBS_IGNORE_PATHS`, has no record: all of them do nothing then.
 */

/**
 * Names the route template that serves a request. A framework's instrumentation calls it once the router has matched; the
 * SERVER span (`http.route` and its name) and the HTTP server metrics take it when the request ends. The last call wins;
 * undefined withdraws the name.
 */
export function setRoute(request: object, template: string | undefined): void {
  const served = servedOf(request)
  if (served === undefined) return
  // Without the property being removed, which would make the record a slow one.
  ;(served as { route: string | undefined }).route = template
  served.isRouteLeft = false
}

/** The same for the request that the code which is running serves, where a framework has no message of node's at hand. */
export function nameActiveRoute(template: string): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined) return
  served.route = template
  served.isRouteLeft = false
}

/** The router that serves it found nothing: the name that a router around it gave counts no more. */
export function withdrawActiveRoute(): void {
  const served = ServerRequest.active(context.active())
  if (served !== undefined) delete served.route
}

/**
 * The handlers of the route passed the request on. It keeps the route's name, unless nobody answers it: a request that ends
 * with status 404 then has no route.
 */
export function leaveRoute(request: object): void {
  const served = servedOf(request)
  if (served !== undefined) served.isRouteLeft = true
}

/** The SERVER span of a request; undefined where it has none. */
export function serverSpanOf(request: object): Span | undefined {
  return servedOf(request)?.span
}

/** Records an exception on the SERVER span of a request, each one once, whoever calls. The status of the span stays. */
export function recordRequestException(request: object, exception: unknown): void {
  servedOf(request)?.recordException(exception)
}

function servedOf(request: object): ServerRequest | undefined {
  const { stream } = request as { readonly stream?: object | null }
  return ServerRequest.of(request) ?? (stream ? ServerRequest.of(stream) : undefined)
}
