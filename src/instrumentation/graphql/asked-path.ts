import { context } from '@opentelemetry/api'
import { RawRoutes } from '../frameworks/raw-routes.ts'
import { ServerRequest } from '../http/server-request.ts'

const routes = new RawRoutes()
/** Operations that come in a URL: their text, the hash or the id of one that is known. */
const IN_URL = /[?&](?:query|extensions|documentId|id)=/

/**
 * Names the path of the request that came with an operation, where nothing else names its route: GraphQL's servers are mounted as
 * middlewares, or answer whatever comes. A page that runs operations while it is rendered is not asked for with one.
 */
export function nameAskedPath(): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined || served.route !== undefined) return
  const { url } = served
  if (served.common.method.name === 'POST' || IN_URL.test(url)) served.route = routes.of(url)
}

/** The same of a server that knows its endpoint, where that is the path which was asked for. */
export function nameEndpoint(endpoint: string): void {
  const served = ServerRequest.active(context.active())
  if (served !== undefined && served.url.split('?', 1)[0] === endpoint) served.route ??= endpoint
}
