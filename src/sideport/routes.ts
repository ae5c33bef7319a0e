import type { IncomingMessage, ServerResponse } from 'node:http'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { Authenticator } from './auth.ts'
import type { IsKnownHost } from './host-check.ts'
import type { Health } from './health.ts'
import { indexPage } from './index-page.ts'
import type { PageSource } from './page.ts'
import { sendText } from './send-text.ts'
import type { Scrape } from './scrape.ts'
import type { Collect } from './sideport.ts'

export interface RoutesOptions {
  readonly scrape: Scrape
  readonly health: Health
  readonly page: { readonly source: PageSource; readonly collect: Collect } | undefined
  readonly authenticator: Authenticator | undefined
  readonly isKnownHost: IsKnownHost
  readonly serviceName: string | undefined
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A path that is served. One with a description is listed on the index page and in the response to an unknown path. */
interface ServedPath {
  readonly path: string
  readonly handle: RouteHandler
  readonly description?: string
}

/**
 * Creates the request handler. Nothing in it may affect the app: every failure ends in a response or a closed
 * connection.
 */
export function createRoutes(options: RoutesOptions): RequestHandler {
  const listed: readonly Required<ServedPath>[] = [
    {
      path: '/metrics',
      handle: options.scrape,
      description: 'Metrics for Prometheus: text, OpenMetrics or protobuf, as the client accepts.',
    },
    {
      path: '/healthz',
      handle: (_, response) => sendHealth(response, options.health),
      description: 'Whether the process is alive and its event loop responsive.',
    },
    {
      path: '/readyz',
      handle: (_, response) => sendReadiness(response, options.health),
      description: 'Whether the process wants traffic.',
    },
  ]
  const served = [...listed, ...pageRoutes(options, listed)]
  const routes: ReadonlyMap<string, RouteHandler> = new Map(served.map(({ path, handle }) => [path, handle]))
  const unknownPath = `not found; these are served: ${listed.map(({ path }) => path).join(', ')}\n`
  return (request, response) => {
    answer(request, response, routes, unknownPath, options.authenticator, options.isKnownHost).catch(
      (thrown: unknown) => {
        // A client that disconnects during a response is not worth a log line.
        diag.debug(`side port: ${diag.reasonOf(thrown)}`)
        if (response.headersSent) response.destroy()
        else sendText(response, 500, `${diag.reasonOf(thrown)}\n`)
      },
    )
  }
}

const PAGE_PATHS = ['/', '/page/page.js', '/page/page.css', '/page/events']

/** Returns the page's routes, if it is on. Nothing of the page is loaded before it is opened. */
function pageRoutes({ page, serviceName }: RoutesOptions, listed: readonly Required<ServedPath>[]): ServedPath[] {
  if (page === undefined) {
    return [{ path: '/', handle: (_, response) => sendPage(response, indexPage(serviceName, listed)) }]
  }
  let routes: Readonly<Record<string, RouteHandler>> | undefined
  return PAGE_PATHS.map((path) => ({
    path,
    handle: (request, response) => {
      routes ??= load<typeof import('./page.ts')>('page').createPage(page.source, page.collect)
      return routes[path]?.(request, response)
    },
  }))
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ReadonlyMap<string, RouteHandler>,
  unknownPath: string,
  authenticator: Authenticator | undefined,
  isKnownHost: IsKnownHost,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff')
  if (hasBody(request)) return refuseBody(request, response)
  if (!isKnownHost(request.headers.host)) return sendText(response, 421, 'unknown host\n')
  const path = pathOf(request.url ?? '/')
  const route = routes.get(path)
  if (route === undefined) return sendText(response, 404, unknownPath)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return sendText(response, 405, `${path} accepts GET only\n`)
  }
  // Probes cannot always send credentials, and reveal no more than yes or no.
  if (authenticator !== undefined && !isProbe(path) && !(await isLetIn(request, response, authenticator))) return
  await route(request, response)
}

export function isProbe(path: string): boolean {
  return path === '/healthz' || path === '/readyz'
}

async function isLetIn(
  request: IncomingMessage,
  response: ServerResponse,
  authenticator: Authenticator,
): Promise<boolean> {
  const result = await authenticator.check(request.headers.authorization, request.socket.remoteAddress ?? '')
  if (result === 'accepted') return true
  // The connection is closed, so that a client that guesses credentials loses its place with each guess.
  response.setHeader('connection', 'close')
  if (result === 'busy') {
    response.setHeader('retry-after', '1')
    sendText(response, 429, 'too many attempts\n')
  } else {
    response.setHeader('www-authenticate', authenticator.challenge)
    sendText(response, 401, 'authentication is required\n')
  }
  return false
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) !== 0
}

/** Refuses a request with a body. Closing the connection is cheaper than reading and discarding the body. */
function refuseBody(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  response.once('finish', () => request.socket.destroySoon())
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  if (!isReading) response.setHeader('allow', 'GET, HEAD')
  sendText(response, isReading ? 413 : 405, 'request bodies are not accepted\n')
}

/** Returns the path without the query. A proxy may send the whole URL. */
export function pathOf(url: string): string {
  const path = /^https?:\/\/[^/]*([^]*)$/i.exec(url)?.[1] ?? url
  return path.split('?', 1)[0] || '/'
}

function sendPage(response: ServerResponse, page: string): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  response.setHeader('content-length', Buffer.byteLength(page))
  response.end(page)
}

function sendHealth(response: ServerResponse, health: Health): void {
  const delay = `event loop delay ${Math.round(health.eventLoopDelayMs())} ms\n`
  if (health.isResponsive()) sendText(response, 200, `ok\n${delay}`)
  else sendText(response, 503, `not responsive\n${delay}`)
}

function sendReadiness(response: ServerResponse, health: Health): void {
  const reason = health.notReadyReason()
  sendText(response, reason === undefined ? 200 : 503, `${reason ?? 'ok'}\n`)
}
