import { errorMonitor } from 'node:events'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { wrap } from '../wrap.ts'
import { listen } from '../guarded-channel.ts'
import { Guard } from '../../base/guard.ts'
import { CallOf } from './call-of.ts'
import type { ClientCall } from './client-call.ts'
import type { ClientCalls } from './client-calls.ts'
import { copyOf, HTTP2_HEADERS, type Http2Headers, http2TargetOf, isUndicis } from './client-http2-headers.ts'
import { isOwnedSession, sessionOpened } from './http2-owners.ts'
import { OutgoingPropagation } from './propagation.ts'
import { sessionPeer } from './session-peer.ts'

type Holder = Record<PropertyKey, unknown>

interface Begun {
  readonly call: ClientCall
  /** The headers of the app and ours. */
  readonly headers: Http2Headers
}

const propagation = new OutgoingPropagation(HTTP2_HEADERS)
/** The stream that was last published on Node's channels. Node.js 22.15 has no such channels. */
let announced: ClientHttp2Stream | undefined

/**
 * Traces and measures clients of `node:http2`. Node's channels report what happens to a stream, but only after the
 * headers have been written, so the request is passed a copy of the app's headers with ours added. The class of
 * sessions is not exported; it is found when the first session is created.
 */
export function watchHttp2Clients(http2: object, calls: ClientCalls): void {
  listenToStreams()
  wrap(http2 as Holder, 'connect', (connect) => {
    return function (...args) {
      const session = connect.apply(this, args) as ClientHttp2Session
      sessionOpened(session)
      watchSessions(Object.getPrototypeOf(session) as Holder, calls)
      return session
    }
  })
}

const watchedClasses = new WeakSet<object>()

function watchSessions(prototype: Holder, calls: ClientCalls): void {
  if (watchedClasses.has(prototype)) return
  watchedClasses.add(prototype)
  wrap(prototype, 'request', (request) => {
    return function (...args) {
      const begun = begin(this as ClientHttp2Session, args[0], calls)
      if (begun === undefined) return request.apply(this, args)
      const { call, headers } = begun
      let stream: ClientHttp2Stream
      try {
        stream = request.call(this, headers, ...args.slice(1)) as ClientHttp2Stream
      } catch (thrown) {
        call.fail(thrown)
        throw thrown
      }
      follow(stream, call)
      return stream
    }
  })
}

const guard = new Guard('tracing a request of an HTTP/2 client', 'it is sent anyway')

/** Returns undefined for a request that is sent unchanged. */
function begin(session: ClientHttp2Session, given: unknown, calls: ClientCalls): Begun | undefined {
  return guard.run(() => {
    if (isUndicis(session) || isOwnedSession(session)) return undefined
    const headers = copyOf(given)
    if (headers === undefined) return undefined
    const method = String(HTTP2_HEADERS.get(headers, ':method') ?? 'GET')
    const target = http2TargetOf(session, headers, method)
    const userAgent = HTTP2_HEADERS.get(headers, 'user-agent')
    const call = calls.start({ method, target, userAgent }, propagation, headers, true)
    return call === undefined ? undefined : { call, headers }
  })
}

function follow(stream: ClientHttp2Stream, call: ClientCall): void {
  CallOf.set(stream, call)
  if (announced === stream) {
    // A signal that was already aborted has closed the stream.
    if (stream.destroyed) closed(stream)
  } else {
    stream.once('response', (headers) => answered(stream, headers))
    stream.once(errorMonitor, (error) => call.fail(error))
    stream.once('close', () => closed(stream))
  }
  announced = undefined
}

function listenToStreams(): void {
  listen<{ stream: ClientHttp2Stream }>('http2.client.stream.created', ({ stream }) => {
    announced = stream
  })
  // Despite its name, this channel is published when the response headers have arrived.
  listen<{ stream: ClientHttp2Stream; headers: IncomingHttpHeaders }>(
    'http2.client.stream.finish',
    ({ stream, headers }) => answered(stream, headers),
  )
  listen<{ stream: ClientHttp2Stream; error: unknown }>('http2.client.stream.error', ({ stream, error }) => {
    CallOf.of(stream)?.fail(error)
  })
  listen<{ stream: ClientHttp2Stream }>('http2.client.stream.close', ({ stream }) => closed(stream))
}

function answered(stream: ClientHttp2Stream, headers: IncomingHttpHeaders): void {
  const call = CallOf.of(stream)
  if (call === undefined || call.hasEnded) return
  call.status = Number(headers[':status'] ?? 0) || undefined
  call.connected(sessionPeer(stream.session), '2')
}

/** https://www.rfc-editor.org/rfc/rfc9113#section-7 */
const CANCEL = 8

function closed(stream: ClientHttp2Stream): void {
  const call = CallOf.of(stream)
  if (call === undefined || call.hasEnded) return
  const { rstCode } = stream
  if (!rstCode && call.status !== undefined) {
    call.end()
    return
  }
  // If there is an error, it follows in the next tick.
  process.nextTick(() => {
    if (call.hasEnded) return
    const name = rstCode === CANCEL ? 'AbortError' : 'Error'
    call.fail(stream.errored ?? { name, message: `the stream was closed with code ${rstCode}` })
  })
}
