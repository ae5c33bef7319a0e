import { subscribe } from 'node:diagnostics_channel'
import { errorMonitor } from 'node:events'
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type Context, context } from '@opentelemetry/api'
import { enterContext } from '../../sdk/enter-context.ts'
import { bytesReceived, bytesSent, countStreams } from './http2-body-size.ts'
import { ABORTED } from './aborted.ts'
import { hasOwnedServer } from './http2-owners.ts'
import { failureOf, hasNoBody, type ExchangeOutcome } from './outcome.ts'
import type { RequestConnection } from './read-request.ts'
import { ServerRequest, setMessageContext } from './server-request.ts'
import { sessionPeer } from './session-peer.ts'
import type { Bodies, Serving } from './serving.ts'

type Emit = (this: unknown, event: string, ...args: unknown[]) => unknown
type Create = (this: unknown, ...args: unknown[]) => object

/** The message of `http2.server.stream.start`. */
interface Started {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
}

/**
 * Instruments servers of `node:http2`. Each stream is a request, whether the app handles streams or uses the
 * compatibility API. Node.js publishes streams on a channel since 22.17 and 24.2; in earlier versions, the servers are
 * patched.
 */
export function serveHttp2<Http2 extends object>(serving: Serving, http2: Http2): Http2 {
  if (!hasStreamChannels()) return patchServers(serving, http2)
  subscribe('http2.server.stream.start', (message) => {
    const { stream, headers } = message as Started
    const entered = serving.guard.run(() => begin(serving, stream, headers))
    // Node.js emits `stream` in the next tick.
    if (entered !== undefined) enterContext(entered)
  })
  return http2
}

function hasStreamChannels(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 17)
}

/** Returns undefined for a stream that is not instrumented here. */
function begin(serving: Serving, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Context | undefined {
  const { bodySizes } = serving.config
  // Streams with an even id are pushed by the server.
  if ((stream.id ?? 1) % 2 === 0) return undefined
  if (hasOwnedServer(stream.session)) return undefined
  const { ':method': method = 'GET', ':path': url = '/', ':authority': host = headers.host } = headers
  const asked = { method, url, headers: host === undefined ? headers : { ...headers, host }, httpVersion: '2' }
  const entered = serving.begin(asked, peerOf(stream), { url })
  setMessageContext(stream, entered)
  context.bind(entered, stream)
  if (!(entered instanceof ServerRequest)) return entered
  if (bodySizes !== false) countStreams(Object.getPrototypeOf(stream) as object)
  stream.on(errorMonitor, (error: unknown) => {
    if (entered.hasEnded || isBodyOfHead(method, error)) return
    entered.failure ??= failureOf(error)
    if (entered.failure !== ABORTED) entered.recordException(error)
  })
  stream.on('close', () => {
    const sent = { getHeader: (name: string) => sentHeaders(stream)[name] }
    const bodies = bodySizes === false ? NO_BODIES : bodiesOf(stream, method)
    serving.guard.run(() => serving.end(entered, outcomeOf(stream, entered), bodies, performance.now(), sent))
  })
  return entered
}

/**
 * Node.js ends the stream of a response to HEAD with its headers. A body that is written to it afterwards, as to any
 * other response, is an error on the stream, which the compatibility API ignores.
 */
function isBodyOfHead(method: string, error: unknown): boolean {
  return method === 'HEAD' && (error as { code?: unknown } | null)?.code === 'ERR_STREAM_WRITE_AFTER_END'
}

const NO_BODIES: Bodies = { requestBytes: 0, responseBytes: 0 }

function peerOf({ session }: ServerHttp2Stream): RequestConnection {
  const { encrypted: isEncrypted } = session ?? {}
  const scheme = isEncrypted === true ? 'https' : 'http'
  const { remoteAddress, remotePort } = sessionPeer(session)
  const attributes =
    remoteAddress === undefined
      ? {}
      : { 'network.peer.address': remoteAddress, 'network.peer.port': remotePort as number }
  return { scheme, peer: { attributes }, peerAddress: remoteAddress, common: undefined }
}

function outcomeOf(stream: ServerHttp2Stream, served: ServerRequest): ExchangeOutcome {
  // When both sides have ended, a stream may close before it has finished. One that is aborted finishes as well.
  const isWhole = stream.writableEnded && !stream.aborted && stream.rstCode === 0
  const status = isWhole || stream.headersSent ? Number(sentHeaders(stream)[':status'] ?? 200) : undefined
  if (isWhole) return { status, failure: served.failure }
  return { status, failure: served.failure ?? (stream.errored === null ? ABORTED : failureOf(stream.errored)) }
}

function bodiesOf(stream: ServerHttp2Stream, method: string): Bodies {
  const headers = sentHeaders(stream)
  const status = Number(headers[':status'] ?? 200)
  return {
    requestBytes: bytesReceived(stream),
    // Node.js sends files itself and reports their length.
    responseBytes: hasNoBody({ method }, status) ? 0 : (bytesSent(stream) ?? Number(headers['content-length'] ?? 0)),
  }
}

function sentHeaders(stream: ServerHttp2Stream): OutgoingHttpHeaders {
  return (stream.sentHeaders as OutgoingHttpHeaders | undefined) ?? {}
}

/** The server classes are not exported, so they are found when the first server is created. */
function patchServers<Http2 extends object>(serving: Serving, http2: Http2): Http2 {
  const exports = http2 as Record<string, Create>
  for (const name of ['createServer', 'createSecureServer']) {
    const create = exports[name]
    if (create === undefined) continue
    const patched: Create = function (...args) {
      const server = create.apply(this, args)
      patchClass(serving, Object.getPrototypeOf(server) as { emit: Emit })
      return server
    }
    exports[name] = Object.defineProperties(patched, Object.getOwnPropertyDescriptors(create))
  }
  return http2
}

const patchedClasses = new WeakSet<object>()

function patchClass(serving: Serving, prototype: { emit: Emit }): void {
  if (patchedClasses.has(prototype)) return
  patchedClasses.add(prototype)
  const { emit } = prototype
  prototype.emit = function (this: unknown, event: string, ...args: unknown[]): unknown {
    const emitNow = (): unknown => Reflect.apply(emit, this, [event, ...args])
    if (event !== 'stream') return emitNow()
    const [stream, headers] = args as [ServerHttp2Stream, IncomingHttpHeaders]
    const entered = serving.guard.run(() => begin(serving, stream, headers))
    return entered === undefined ? emitNow() : context.with(entered, emitNow)
  }
}
