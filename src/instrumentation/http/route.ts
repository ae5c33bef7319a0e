import { context, type Span } from '@opentelemetry/api'
import { getRPCMetadata, type RPCMetadata, RPCType } from '@opentelemetry/core'

/**
 * What a framework's instrumentation says of the request that it serves. In each function `request` is node's own message:
 * an `IncomingMessage`, an `Http2ServerRequest` or the stream of an HTTP/2 request. A request that is not traced or
 * measured, as one left out by `OBS_IGNORE_PATHS`, has no record: all of them do nothing then.
 */

/**
 * Names the route template that serves a request. A framework's instrumentation calls it once the router has matched; the
 * SERVER span (`http.route` and its name) and the HTTP server metrics take it when the request ends. The last call wins.
 */
export function setRoute(request: object, template: string): void {
  const metadata = metadataOf(request)
  if (metadata !== undefined) metadata.route = template
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

function metadataOf(request: object): RPCMetadata | undefined {
  void request
  const metadata = getRPCMetadata(context.active())
  return metadata?.type === RPCType.HTTP ? metadata : undefined
}
