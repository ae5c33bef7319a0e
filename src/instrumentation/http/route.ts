import { context } from '@opentelemetry/api'
import { getRPCMetadata } from '@opentelemetry/core'

/**
 * Names the route template that serves a request. A framework's instrumentation calls it once the router has matched; the
 * SERVER span (`http.route` and its name) and the HTTP server metrics take it when the request ends. The last call wins.
 *
 * `request` is node's own message: `IncomingMessage`, `Http2ServerRequest` or the stream of an HTTP/2 request.
 */
export function setRoute(request: object, template: string): void {
  void request
  const metadata = getRPCMetadata(context.active())
  if (metadata?.type === 'http') metadata.route = template
}
