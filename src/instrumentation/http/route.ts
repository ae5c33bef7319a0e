import { context, type Span } from '@opentelemetry/api'
import { ServerRequest } from './server-request.ts'

/**
 * Functions with which the instrumentation of a framework describes the request that it serves. `request` is always
 * Node's own object: an `IncomingMessage`, an `Http2ServerRequest` or the stream of an HTTP/2 request. A request that
 * is neither traced nor measured (`OBS_IGNORE_PATHS`) has no record, and the functions do nothing.
 */

/**
 * Sets the route template that serves a request. A framework's instrumentation calls this once the router has matched;
 * the SERVER span (`http.route` and its name) and the HTTP server metrics read it when the request ends. The last call
 * wins; undefined removes the route. `path`: as for `nameActiveRoute`.
 */
export function setRoute(request: object, template: string | undefined, path?: string): void {
  const served = servedOf(request)
  if (served === undefined || (path !== undefined && !isServing(served, path))) return
  // Set to undefined instead of deleted, which would make accesses slow.
  ;(served as { route: string | undefined }).route = template
  served.isRouteLeft = false
}

/**
 * Sets the route template of the active request, for frameworks that do not provide the Node.js request. `path` is the
 * path that the framework was called for, which differs from the path of the active request where the app calls the
 * framework again while it serves one (`app.request('/other')`).
 */
export function nameActiveRoute(template: string, path?: string): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined || (path !== undefined && !isServing(served, path))) return
  served.route = template
  served.isRouteLeft = false
}

/** Removes the route that an outer router set. To be called when the router that serves the request found none. */
export function withdrawActiveRoute(path: string): void {
  const served = ServerRequest.active(context.active())
  if (served !== undefined && isServing(served, path)) delete served.route
}

/** Returns whether a framework that was called for `path` serves the request. A mounted one gets the end of its path. */
function isServing({ route, url }: ServerRequest, path: string): boolean {
  if (route === undefined || path === '/') return true
  return decoded(url.split('?', 1)[0] ?? '').endsWith(decoded(path))
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/**
 * To be called when the handlers of the route have passed the request on. The request keeps its route, unless nothing
 * answers it: if it ends with status 404, it has no route.
 */
export function leaveRoute(request: object): void {
  const served = servedOf(request)
  if (served?.route !== undefined) served.isRouteLeft = true
}

/** To be called when one of them answers after all. The request keeps the route if it is still `template`. */
export function keepRoute(request: object, template: string): void {
  const served = servedOf(request)
  if (served?.route === template) served.isRouteLeft = false
}

let templateOfMounts: (request: object) => string = () => ''

/**
 * To be called when a router passes the request to a mount. `templateOf` returns the template of all mounts that a
 * request is in.
 */
export function setMounted(request: object, templateOf: (request: object) => string): void {
  templateOfMounts = templateOf
  const served = servedOf(request)
  if (served !== undefined) served.mounted = request
}

/**
 * Returns the template of the mounts of Express, `router` or Connect in which another framework serves a request, or
 * the active request; empty if it is in none.
 */
export function mountAround(request?: object): string {
  const served = request === undefined ? ServerRequest.active(context.active()) : servedOf(request)
  return served?.mounted === undefined ? '' : templateOfMounts(served.mounted)
}

/** Returns the SERVER span of a request; undefined if it has none. */
export function serverSpanOf(request: object): Span | undefined {
  return servedOf(request)?.span
}

/**
 * Records an exception on the SERVER span of a request, once per exception, whoever calls it. The span's status does
 * not change. `path`: as for `nameActiveRoute`.
 */
export function recordRequestException(request: object, exception: unknown, path?: string): void {
  recordUnlessCalled(servedOf(request), exception, path)
}

/**
 * Records an exception on the SERVER span of the active request, for frameworks that do not provide the Node.js
 * request.
 */
export function recordActiveException(exception: unknown, path?: string): void {
  recordUnlessCalled(ServerRequest.active(context.active()), exception, path)
}

/**
 * Records an exception unless the app has called itself while it serves a request: it then gets the exception as a
 * response.
 */
function recordUnlessCalled(served: ServerRequest | undefined, exception: unknown, path: string | undefined): void {
  if (served !== undefined && (path === undefined || isServing(served, path))) served.recordException(exception)
}

/** Returns the state of a request that is traced or measured. */
export function servedOf(request: object): ServerRequest | undefined {
  const { stream } = request as { readonly stream?: object | null }
  return ServerRequest.of(request) ?? (stream ? ServerRequest.of(stream) : undefined)
}
