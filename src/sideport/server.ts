import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type { Server as NetServer, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import * as diag from '../base/diag.ts'
import { SIDE_PORT_MARK } from '../base/side-port-mark.ts'
import { Connections } from './connections.ts'
import { listenOn } from './listen.ts'
import type { Listener } from './listen.ts'
import { isProbe, pathOf, type RequestHandler } from './routes.ts'
import { sendText } from './send-text.ts'

export interface ServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly tls: TlsOptions | undefined
  readonly handler: RequestHandler
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface SidePortServer {
  /** Rejects with the reason when the port cannot be opened. */
  readonly listening: Promise<Address>
  readonly close: () => void
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  // Longer than the usual scrape interval, so that a scraper can keep its connection.
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5000,
}
/** A client that takes nothing for so long does not get the rest. */
const STALLED_MS = 30_000

/**
 * A server that the app does not notice: it never keeps the process alive, no client can hold its resources for long,
 * and neither traces nor metrics are made of what it serves.
 */
export function createSidePortServer({ host, port, tls, handler }: ServerOptions): SidePortServer {
  const connections = new Connections()
  const server = createServer(tls, onlyOneAtATime(withPlaces(handler, connections)))
  server.prependListener('connection', (socket: Socket) => connections.admit(socket))
  server.on('error', (error) => diag.debug(`side port: ${diag.reasonOf(error)}`))

  const listeners: (Listener | NetServer)[] = [server]
  const listening = listenOn(server, host, port, (extra) => {
    Object.assign(extra, { [SIDE_PORT_MARK]: true })
    listeners.push(extra)
  })
  // Who does not look at the promise must not be ended by it.
  listening.catch(() => {})
  return {
    listening,
    close: () => {
      for (const listener of listeners) listener.close()
      connections.closeAll()
    },
  }
}

function createServer(tls: TlsOptions | undefined, handler: RequestHandler): Server {
  const server =
    tls === undefined
      ? process.getBuiltinModule('node:http').createServer(LIMITS, handler)
      : process.getBuiltinModule('node:https').createServer({ ...LIMITS, ...tls, handshakeTimeout: 5000 }, handler)
  server.on('checkContinue', handler)
  server.on(tls === undefined ? 'connection' : 'secureConnection', stopWhenDestroyed)
  server.timeout = STALLED_MS
  // Instrumentations of node:http wrap Server.prototype.emit; an own emit passes them by.
  server.emit = EventEmitter.prototype.emit
  Object.assign(server, { [SIDE_PORT_MARK]: true })
  return server.unref()
}

function withPlaces(handler: RequestHandler, connections: Connections): RequestHandler {
  return (request, response) => {
    const { socket } = request
    response.once('close', () => connections.end(socket))
    if (connections.begin(socket, isProbe(pathOf(request.url ?? '/')))) return handler(request, response)
    response.setHeader('connection', 'close')
    sendText(response, 503, 'too many connections\n')
  }
}

type OnIncoming = (...args: unknown[]) => number

/** To node's parser an upgrade: nothing behind it is a request. */
const STOP = 2

/**
 * Node takes apart all that came in one piece, also when the first of it had the socket destroyed: a thousand requests, and
 * 60 ms of the app's, for a client that sends 64 KB of them.
 */
function stopWhenDestroyed(socket: Socket): void {
  const { parser } = socket as Socket & { readonly parser?: { onIncoming?: OnIncoming | null } | null }
  const onIncoming = parser?.onIncoming
  if (!parser || typeof onIncoming !== 'function') return
  parser.onIncoming = function (...args) {
    return socket.destroyed ? STOP : Reflect.apply(onIncoming, this, args)
  }
}

/** A client that sends a second request before it has the first answer means no good: scrapers do not. */
function onlyOneAtATime(handler: RequestHandler): RequestHandler {
  const busy = new WeakSet<Socket>()
  return (request, response) => {
    const { socket } = request
    if (busy.has(socket)) {
      socket.destroy()
      return
    }
    busy.add(socket)
    response.once('close', () => busy.delete(socket))
    handler(request, response)
  }
}
