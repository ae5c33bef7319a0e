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
  /** 0 means any free port. */
  readonly port: number
  readonly tls: TlsOptions | undefined
  readonly handler: RequestHandler
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface SidePortServer {
  /** Rejects with the reason when the port could not be opened. */
  readonly listening: Promise<Address>
  readonly close: () => void
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  // Longer than the usual scrape interval, so that scrapers can keep their connection.
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5000,
}
/** A client that reads nothing for this long is disconnected. */
const STALLED_MS = 30_000

/**
 * Creates a server that the app does not notice: it never keeps the process alive, no client can hold its resources for
 * long, and its requests are neither traced nor measured.
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
  // A caller that ignores the promise must not be ended by its rejection.
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
  // Instrumentations of node:http wrap Server.prototype.emit; an own `emit` bypasses them.
  server.emit = EventEmitter.prototype.emit
  Object.assign(server, { [SIDE_PORT_MARK]: true })
  return server.unref()
}

function withPlaces(handler: RequestHandler, connections: Connections): RequestHandler {
  return (request, response) => {
    const { socket } = request
    // Another SDK may add listeners of its own, and the app's stderr must not get a warning about responses of this server.
    response.setMaxListeners(0)
    response.once('close', () => connections.end(socket))
    if (connections.isCrowded) response.setHeader('connection', 'close')
    if (connections.begin(socket, isProbe(pathOf(request.url ?? '/')))) return handler(request, response)
    sendText(response, 503, 'too many connections\n')
  }
}

type OnIncoming = (...args: unknown[]) => number

/** The return value with which Node's parser treats a request as an upgrade, so that nothing after it is parsed. */
const STOP = 2

/**
 * Stops parsing once the socket is destroyed. Otherwise Node.js would parse everything that arrived in one chunk: a
 * thousand requests, and 60 ms of the app's time, for a client that sends 64 KB of them.
 */
function stopWhenDestroyed(socket: Socket): void {
  const { parser } = socket as Socket & { readonly parser?: { onIncoming?: OnIncoming | null } | null }
  const onIncoming = parser?.onIncoming
  if (!parser || typeof onIncoming !== 'function') return
  parser.onIncoming = function (...args) {
    return socket.destroyed ? STOP : Reflect.apply(onIncoming, this, args)
  }
}

/** Disconnects clients that send a second request before the first is answered: scrapers do not do that. */
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
