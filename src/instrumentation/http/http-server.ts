import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse, Server } from 'node:http'
import type { Socket } from 'node:net'
import { context } from '@opentelemetry/api'
import { enterContext } from '../../sdk/enter-context.ts'
import { listenForRoutes } from '../../sdk/span-routes.ts'
import { type BodyHeaders, countChunks, countSentChunks, requestBodySize, responseBodySize } from './body-size.ts'
import { type Connection, knownConnection, newConnection } from './connection.ts'
import { type AnyResponse, failureOf, type ExchangeOutcome, outcomeOfClosed } from './outcome.ts'
import { SIDE_PORT_MARK } from '../../base/side-port-mark.ts'
import { adoptParser, onParserFreed, watchParsers } from './parser-context.ts'
import { messageContext, ServerRequest, setMessageContext } from './server-request.ts'
import { plainHeaders } from './plain-headers.ts'
import type { RequestHead } from './read-request.ts'
import type { Bodies, Serving } from './serving.ts'
import { suggestRoute } from './suggest-route.ts'
import { watchAnswer } from './upgrade.ts'

/** The messages of `http.server.request.start` and `http.server.response.finish`. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: object
}

/** Fields that Node's types lack. */
interface Incoming extends IncomingMessage {
  readonly upgrade?: boolean
  readonly _eventsCount?: number
}

/** A request that is being served, with Node's own objects. */
interface InFlight extends Exchange {
  readonly served: ServerRequest
  readonly response: AnyResponse
  readonly connection: Connection<InFlight>
  /** The request's headers that describe its body. */
  readonly headers: BodyHeaders
  /** The bytes read from the socket when the request began. */
  readonly bytesRead: number
  readonly bytesWritten: number
}

interface Http {
  readonly Server: new () => Server
  readonly ServerResponse: { readonly prototype: ServerResponse }
}

/**
 * Instruments servers of `node:http` and `node:https` through Node's diagnostics channels: no function that the app
 * calls is replaced, and no frame of ours is in a stack of the app.
 */
export function serveHttp(serving: Serving, http: Http): void {
  const { bodySizes } = serving.config
  listenForRoutes(suggestRoute)
  if (bodySizes !== false) countSentChunks(http.ServerResponse)
  const onStart = (message: unknown): void => {
    try {
      begin(serving, message as Exchange)
    } catch (thrown) {
      serving.guard.failed(thrown)
    }
  }
  const onFinish = (message: unknown): void => {
    const inFlight = inFlightOf(message as Exchange)
    if (inFlight === undefined) return
    // Runs after the app's `finish` listeners, which may still write to the span, and before those of `close`.
    if (hasFinishListeners(inFlight.response)) process.nextTick(finish, serving, inFlight, performance.now())
    else finish(serving, inFlight, performance.now())
  }
  subscribe('http.server.request.start', onStart)
  subscribe('http.server.response.finish', onFinish)
  // Handles the first connection of any server.
  const onSocket = (message: unknown): void => {
    watchParsers(http, (incoming) => {
      try {
        onIncoming(serving, incoming)
      } catch (thrown) {
        serving.guard.failed(thrown)
      }
    })
    adoptParser((message as { readonly socket: Socket }).socket)
  }
  subscribe('net.server.socket', onSocket)
}

function begin(serving: Serving, { request, response, socket, server }: Exchange): void {
  if (SIDE_PORT_MARK in server) return
  const connection = knownConnection<InFlight>(socket) ?? firstSeen(serving, socket)
  const plain = serving.readsPlain ? plainHeaders(request.rawHeaders) : undefined
  const entered = serving.begin(request as IncomingMessage & RequestHead, connection, request, plain)
  enterContext(entered)
  if (!(entered instanceof ServerRequest)) {
    setMessageContext(request, entered)
    return
  }
  const headers = plain === undefined ? request.headers : NO_BODY_HEADERS
  if (headers['transfer-encoding'] !== undefined && serving.config.bodySizes !== false) countChunks(request)
  connection.inFlight.push({
    served: entered,
    request,
    response: response as AnyResponse,
    socket,
    server,
    connection,
    headers,
    bytesRead: headers['content-length'] === undefined ? 0 : socket.bytesRead,
    bytesWritten: (socket as Socket & { readonly _bytesDispatched: number })._bytesDispatched,
  })
}

function firstSeen(serving: Serving, socket: Socket): Connection<InFlight> {
  adoptParser(socket)
  // Prepended to Node's own listener, which notifies the app of the end.
  socket.prependListener('close', () => onClose(serving, socket))
  return newConnection(socket)
}

function inFlightOf({ request, socket }: Exchange): InFlight | undefined {
  const { inFlight = [] } = knownConnection<InFlight>(socket) ?? {}
  // Usually the first; Node.js can process the responses to pipelined requests in another order.
  return inFlight[0]?.request === request ? inFlight[0] : inFlight.find((each) => each.request === request)
}

/** Returns whether anybody except Node.js listens to `finish`. */
function hasFinishListeners(response: ServerResponse): boolean {
  const { _events: events } = response as ServerResponse & { readonly _events?: { readonly finish?: unknown } }
  return typeof events?.finish !== 'function'
}

function finish(serving: Serving, inFlight: InFlight, endedAtMs: number): void {
  const { served, response } = inFlight
  // This runs in a subscriber, where Node.js turns an exception into an uncaught one.
  serving.guard.run(() => {
    noteError(served, response)
    end(serving, inFlight, { status: response.statusCode, failure: served.failure }, endedAtMs)
  })
}

/** The connection is closed: responses that are not finished never will be. */
function onClose(serving: Serving, socket: Socket): void {
  serving.guard.run(() => {
    const { inFlight = [] } = knownConnection<InFlight>(socket) ?? {}
    const [only, ...others] = inFlight
    if (only === undefined) return
    const endedAtMs = performance.now()
    for (const each of inFlight.splice(0)) {
      const { served, response, bytesWritten } = each
      const before = others.length === 0 ? bytesWritten : undefined
      const { status, failure } = outcomeOfClosed(response, socket, before)
      noteError(served, response)
      end(
        serving,
        each,
        { status, failure: failure === undefined ? served.failure : (served.failure ?? failure) },
        endedAtMs,
      )
    }
    // Events of the socket from now on belong to the only remaining request, or to none if there are several.
    if (others.length === 0) enterContext(only.served)
  })
}

/** An error with which the app destroyed its response is an exception of the request. */
function noteError(served: ServerRequest, { errored }: AnyResponse): void {
  if (!errored) return
  served.failure ??= failureOf(errored)
  served.recordException(errored)
}

function end(serving: Serving, inFlight: InFlight, outcome: ExchangeOutcome, endedAtMs: number): void {
  const { served, connection, request, response } = inFlight
  connection.remove(inFlight)
  // The rest of the body still belongs to the request.
  if (!request.complete) setMessageContext(request, served)
  try {
    serving.end(served, outcome, bodiesOf(serving, inFlight), endedAtMs, response)
  } catch (thrown) {
    serving.guard.failed(thrown)
  }
}

/** The body headers of a request with `plainHeaders`, which has no body. */
const NO_BODY_HEADERS: BodyHeaders = {}
const NO_BODIES: Bodies = { requestBytes: 0, responseBytes: 0 }

function bodiesOf({ config }: Serving, inFlight: InFlight): Bodies {
  const { request, headers, response, socket, bytesRead, bytesWritten } = inFlight
  if (config.bodySizes === false) return NO_BODIES
  return {
    requestBytes: requestBodySize(request, headers, response, socket, bytesRead),
    responseBytes: responseBodySize(response, socket, bytesWritten),
  }
}

/** Node's parser has read this message's head: its events, or the upgrade that it requests, follow. */
function onIncoming(serving: Serving, message: Incoming): void {
  const own = messageContext(message)
  if (own === undefined) {
    // The message belongs to a server; a client's has a status.
    if (message.upgrade && message.statusCode === null) beginUpgrade(serving, message)
    return
  }
  if (!message.upgrade && message._eventsCount === 0) return
  const active = context.active()
  if (active === own || ServerRequest.active(active) !== undefined) return
  // With pipelined requests, Node.js may be processing another response.
  if ((knownConnection(message.socket)?.inFlight.length ?? 0) > 1) return
  enterContext(own)
}

function beginUpgrade(serving: Serving, request: IncomingMessage): void {
  const { socket } = request
  const connection = knownConnection<InFlight>(socket) ?? newConnection(socket)
  const entered = serving.begin(request as Incoming & RequestHead, connection, request)
  setMessageContext(request, entered)
  enterContext(entered)
  onParserFreed(request, () => enterContext(entered))
  if (!(entered instanceof ServerRequest)) return
  watchAnswer(request, (status) => {
    const failure = status === undefined ? outcomeOfUnanswered(socket) : undefined
    serving.guard.run(() => serving.end(entered, { status, failure }, NO_BODIES, performance.now()))
  })
}

function outcomeOfUnanswered(socket: Socket): string {
  if (socket.errored) return failureOf(socket.errored)
  return socket.readableEnded ? 'aborted' : '_OTHER'
}
