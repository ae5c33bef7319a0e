import { context } from '@opentelemetry/api'
import { mountOf } from '../frameworks/mounts.ts'
import { joinTemplates } from '../frameworks/templates.ts'
import { ServerRequest } from '../http/server-request.ts'

const MAX_LEARNT = 8
/** Matches operations in a URL: their text, or the hash or id of a stored one. */
const IN_URL = /[?&](?:query|extensions|documentId|id)=/

/** The endpoints that servers are configured with, as templates, by the requests that they were called for. */
const configured = new WeakMap<ServerRequest, string>()
/** Paths of servers that answer any path and are mounted in no router, and the schemas that they were learnt from. */
const learnt = new Set<string>()
const schemas = new WeakSet<object>()

/**
 * Names the route of the active request after the endpoint of the GraphQL server, if no router names it. Servers are
 * mounted as middlewares or answer any path, and a path that a client chooses is no route. Only a request that carries
 * an operation is named, not a page that runs operations while it is rendered.
 */
export function nameEndpoint(): void {
  const served = unnamed()
  if (served === undefined) return
  const endpoint = endpointOf(served)
  if (endpoint !== undefined) served.route = endpoint
}

/**
 * Names the route after the endpoint that the server is configured with, even without an operation if the path is the
 * endpoint.
 */
export function nameConfiguredEndpoint(endpoint: string): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined || served.route !== undefined) return
  if (pathOf(served) === endpoint) served.route = endpoint
  else configured.set(served, endpoint)
}

/**
 * Returns a function to be called once an operation of the active request has returned data. The first path that does so
 * becomes the endpoint of the schema, unless the endpoint is known otherwise.
 */
export function learningEndpoint(schema: unknown): (() => void) | undefined {
  const served = unnamed()
  if (served === undefined || typeof schema !== 'object' || schema === null || schemas.has(schema)) return undefined
  return () => {
    if (served.route !== undefined || schemas.has(schema) || learnt.size >= MAX_LEARNT) return
    schemas.add(schema)
    learnt.add(pathOf(served))
    served.route = pathOf(served)
  }
}

function unnamed(): ServerRequest | undefined {
  const served = ServerRequest.active(context.active())
  if (served === undefined || served.route !== undefined) return undefined
  return served.common.method.name === 'POST' || IN_URL.test(served.url) ? served : undefined
}

function endpointOf(served: ServerRequest): string | undefined {
  const mount = served.mounted === undefined ? '' : mountOf(served.mounted)
  const endpoint = configured.get(served)
  if (endpoint !== undefined) return withinMount(mount, endpoint)
  if (mount !== '') return mount
  const path = pathOf(served)
  return learnt.has(path) ? path : undefined
}

/** The endpoint that a server is configured with may include the mount or be below it. */
function withinMount(mount: string, endpoint: string): string {
  if (mount.endsWith(endpoint)) return mount
  return endpoint.startsWith(`${mount}/`) ? endpoint : joinTemplates(mount, endpoint)
}

function pathOf({ url }: ServerRequest): string {
  return url.split('?', 1)[0] ?? ''
}
