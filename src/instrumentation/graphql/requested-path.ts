import { context } from '@opentelemetry/api'
import { RawRoutes } from '../frameworks/raw-routes.ts'
import { ServerRequest } from '../http/server-request.ts'

const routes = new RawRoutes()
/** Matches operations in a URL: their text, or the hash or id of a stored one. */
const IN_URL = /[?&](?:query|extensions|documentId|id)=/

/**
 * Names the route after the requested path if nothing else names it, because GraphQL servers are mounted as middlewares
 * or answer any path. Only a request that carries an operation is named, not a page that runs operations while it is
 * rendered.
 */
export function nameRequestedPath(): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined || served.route !== undefined) return
  const { url } = served
  if (served.common.method.name === 'POST' || IN_URL.test(url)) served.route = routes.of(url)
}

/** Does the same for a server that knows its endpoint, if the request is for that endpoint. */
export function nameEndpoint(endpoint: string): void {
  const served = ServerRequest.active(context.active())
  if (served !== undefined && served.url.split('?', 1)[0] === endpoint) served.route ??= endpoint
}
