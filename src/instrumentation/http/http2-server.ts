import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { context } from '@opentelemetry/api'
import { type Counted, countStream, RECEIVED, SENT } from './body-size.ts'
import type { Emit } from './http-server.ts'

/** What the instrumentation of `http` does for this one. */
export interface Watching {
  readonly countsBodies: boolean
  /** Whether gRPC's own instrumentation sees its calls. */
  readonly isGrpcWatched: () => boolean
  /** Makes of a server's `emit` one that traces and measures each `request`, as it does for HTTP/1. */
  readonly watched: (component: 'http' | 'https', emit: Emit) => Emit
}

type Component = 'http' | 'https'
type Create = (this: unknown, ...args: unknown[]) => object

const SERVERS: Readonly<Record<string, Component>> = { createServer: 'http', createSecureServer: 'https' }

/**
 * Servers of `node:http2`, of which the instrumentation of `http` sees nothing: each stream is a request to it, whether the app
 * handles streams or, by the compatibility API, requests. Their classes are not exported, so they are found with the first
 * server.
 */
export function patchServers<Http2 extends object>(http2: Http2, watching: Watching): Http2 {
  const exports = http2 as Record<string, Create>
  for (const [name, component] of Object.entries(SERVERS)) {
    const create = exports[name]
    if (create === undefined) continue
    const patched: Create = function (...args) {
      const server = create.apply(this, args)
      patchClass(Object.getPrototypeOf(server) as { emit: Emit }, component, watching)
      return server
    }
    exports[name] = Object.defineProperties(patched, Object.getOwnPropertyDescriptors(create))
  }
  return http2
}

const patchedClasses = new WeakSet<object>()

function patchClass(prototype: { emit: Emit }, component: Component, watching: Watching): void {
  if (patchedClasses.has(prototype)) return
  patchedClasses.add(prototype)
  const { emit } = prototype
  const ofHttp1 = watching.watched(component, emit)
  prototype.emit = function (this: unknown, event: string, ...args: unknown[]): unknown {
    if (event === 'stream') return onStream(this, emit, args, component, watching)
    if (event !== 'request') return emit.call(this, event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    // By `allowHTTP1`.
    if (request.httpVersionMajor === 1) return ofHttp1.call(this, event, request, response)
    // Within the stream's event, and so in its context.
    context.bind(context.active(), request)
    context.bind(context.active(), response)
    return emit.call(this, event, ...args)
  }
}

type Stream = ServerHttp2Stream & Counted

function onStream(server: unknown, emit: Emit, args: unknown[], component: Component, watching: Watching): unknown {
  const [stream, headers] = args as [Stream, IncomingHttpHeaders]
  const emitNow = (): unknown => emit.call(server, 'stream', ...args)
  if (watching.isGrpcWatched() && headers['content-type']?.startsWith('application/grpc') === true) return emitNow()
  if (watching.countsBodies) countStream(Object.getPrototypeOf(stream) as Parameters<typeof countStream>[0])
  const inContext = (): unknown => {
    context.bind(context.active(), stream)
    return emitNow()
  }
  return watching.watched(component, inContext).call(server, 'request', requestOf(stream, headers), responseOf(stream))
}

/** What the instrumentation reads of a request. */
function requestOf(stream: Stream, headers: IncomingHttpHeaders): object {
  const { ':method': method = 'GET', ':path': url = '/', ':authority': host = headers.host } = headers
  return {
    method,
    url,
    headers: host === undefined ? headers : { ...headers, host },
    httpVersion: '2',
    socket: peerOf(stream),
    get complete() {
      return stream.readableEnded
    },
    get [RECEIVED]() {
      return stream[RECEIVED]
    },
  }
}

function peerOf({ session }: Stream): object {
  try {
    const { remoteAddress, remotePort } = session?.socket ?? {}
    return { remoteAddress, remotePort }
  } catch {
    // The connection is gone already.
    return {}
  }
}

/** And of a response. */
function responseOf(stream: Stream): object {
  return {
    on: stream.on.bind(stream),
    /** To a stream that was reset, nothing more can be written: that finishes it too. */
    get writableFinished() {
      return stream.writableFinished && stream.rstCode === 0
    },
    get errored() {
      return stream.errored
    },
    get headersSent() {
      return stream.headersSent
    },
    get statusCode() {
      return Number(sentHeaders(stream)[':status'] ?? 200)
    },
    getHeader: (name: string) => sentHeaders(stream)[name],
    get [SENT]() {
      // A file is sent by node itself, which says how long it is.
      return stream[SENT] ?? Number(sentHeaders(stream)['content-length'] ?? 0)
    },
  }
}

function sentHeaders(stream: Stream): OutgoingHttpHeaders {
  return (stream.sentHeaders as OutgoingHttpHeaders | undefined) ?? {}
}
