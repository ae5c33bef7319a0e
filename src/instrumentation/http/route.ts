import { context, type Span } from '@opentelemetry/api'
import { getRPCMetadata, type RPCMetadata, RPCType } from '@opentelemetry/core'

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
  const metadata = metadataOf(request)
  if (metadata === undefined) return
  if (template === undefined) delete metadata.route
  else metadata.route = template
  metadata.isRouteLeft = false
}

/**
 * The handlers of the route passed the request on. It keeps the route's name, unless nobody answers it: a request that ends
 * with status 404 then has no route.
 */
export function leaveRoute(request: object): void {
  const metadata = metadataOf(request)
  if (metadata !== undefined) metadata.isRouteLeft = true
}

/** The route of the request of the active context that ended with this status. */
export function routeOfActive(status: number | undefined): string | undefined {
  const metadata: NamedRequest | undefined = getRPCMetadata(context.active())
  return metadata === undefined || (metadata.isRouteLeft === true && status === 404) ? undefined : metadata.route
}

/** The SERVER span of a request; undefined where it has none. */
export function serverSpanOf(request: object): Span | undefined {
  return metadataOf(request)?.span
}

const recorded = new WeakMap<Span, Set<unknown>>()

/** Records an exception on the SERVER span of a request, each one once, whoever calls. The status of the span stays. */
export function recordRequestException(request: object, exception: unknown): void {
  const span = serverSpanOf(request)
  if (span === undefined) return
  const known = recorded.get(span) ?? new Set()
  if (known.has(exception)) return
  recorded.set(span, known.add(exception))
  span.recordException(exception as Error)
}

/** What is known of a request while it is served, in its context. */
type NamedRequest = RPCMetadata & { isRouteLeft?: boolean }

function metadataOf(request: object): NamedRequest | undefined {
  void request
  const metadata: NamedRequest | undefined = getRPCMetadata(context.active())
  return metadata?.type === RPCType.HTTP ? metadata : undefined
}
