import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type Attributes, context, propagation, ROOT_CONTEXT, type Span } from '@opentelemetry/api'
import { hostIn } from '../../base/host.ts'
import { sessionPeer } from '../http/session-peer.ts'
import { attempt } from './attempt.ts'
import { nameOfStatus, SERVER_ERRORS } from './grpc-errors.ts'
import type { RpcCall, RpcCalls } from './rpc-calls.ts'

interface Status {
  readonly code: number
  readonly details?: string
}

/** Receives the events of a call, which grpc-js publishes for channelz. They report every way a call can end. */
interface Tracker {
  addMessageSent(): void
  addMessageReceived(): void
  onStreamEnd(success: boolean): void
  onCallEnd(status: Status): void
}

type Listener = Record<string, (this: unknown, ...args: unknown[]) => unknown>

interface Call {
  start(listener: Listener): void
}

type Interceptor = (method: unknown, call: Call) => Call

export type GetServerInterceptingCall = (
  interceptors: readonly Interceptor[],
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  tracker: Tracker | null,
  handler: { readonly path: string },
  options: unknown,
) => Call

export interface ServerHooks {
  readonly calls: RpcCalls
  readonly isIgnored: (path: string) => boolean
  readonly onRequest: (span: Span, headers: IncomingHttpHeaders) => void
  /** `headers` are those that have been sent so far. */
  readonly onEnd: (span: Span, headers: object) => void
}

/** Traces and measures served calls up to the status, including that of a deadline or a disconnected client. */
export function tracingServed(original: GetServerInterceptingCall, hooks: ServerHooks): GetServerInterceptingCall {
  const begin = (path: string, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): RpcCall => {
    const rpc = hooks.calls.begin(
      { system: 'grpc', method: path.replace(/^\//, ''), attributes: connectionAttributesOf(stream, headers) },
      propagation.extract(ROOT_CONTEXT, headers),
    )
    hooks.onRequest(rpc.span, headers)
    return rpc
  }
  return function (interceptors, stream, headers, tracker, handler, options) {
    const { path } = handler
    const rpc = hooks.isIgnored(path) ? undefined : attempt(() => begin(path, stream, headers))
    if (rpc === undefined) return original(interceptors, stream, headers, tracker, handler, options)
    const startedAtMs = performance.now()
    const watching: Tracker = {
      addMessageSent: () => tracker?.addMessageSent(),
      addMessageReceived: () => tracker?.addMessageReceived(),
      onStreamEnd: (success) => tracker?.onStreamEnd(success),
      onCallEnd(status) {
        attempt(() => hooks.onEnd(rpc.span, stream.sentHeaders ?? {}))
        attempt(() =>
          whenReceived(stream, status, (last) =>
            endServed(rpc, hasExpired(last, headers, startedAtMs) ? EXPIRED : last),
          ),
        )
        tracker?.onCallEnd(status)
      },
    }
    // The first interceptor is the one next to the wire, so that the app's interceptors run in the context too.
    const within: Interceptor = (_method, call) => runningIn(rpc, call)
    return original([within, ...interceptors], stream, headers, watching, handler, options)
  }
}

/**
 * Calls `end` with the status of the call, once it is known. The end of the request and its cancellation may arrive one
 * after the other: the app then responds to a request that only seems complete, and the client has left. If the request
 * is not complete, an app that responds nevertheless ends the call, and clients may reset the rest.
 */
function whenReceived(stream: ServerHttp2Stream, status: Status, end: (status: Status) => void): void {
  if (stream.closed || !stream.readableEnded) return end(status)
  stream.once('close', () => attempt(() => end(stream.rstCode === RESET_CANCEL ? { code: CANCELLED } : status)))
}

/** Error code of HTTP/2, RFC 9113 section 7, with which clients cancel calls. */
const RESET_CANCEL = 8
const CANCELLED = 1
const EXPIRED: Status = { code: 4, details: 'Deadline exceeded' }
const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }
/** The latencies of the two directions of a connection may differ by this much. */
const MAX_JITTER_MS = 50

/** A client resets the call at its deadline, which may be just before the same deadline on the server. */
function hasExpired({ code }: Status, headers: IncomingHttpHeaders, startedAtMs: number): boolean {
  if (code !== CANCELLED) return false
  const [, value, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(headers['grpc-timeout'] ?? '')) ?? []
  if (value === undefined) return false
  const timeoutMs = Number(value) * (UNITS_MS[unit] ?? 0)
  return performance.now() - startedAtMs >= timeoutMs - Math.min(MAX_JITTER_MS, timeoutMs / 2)
}

export function endServed(rpc: RpcCall, { code, details }: Status): void {
  const status = nameOfStatus(code)
  rpc.end({ status, isError: SERVER_ERRORS.has(status), message: details })
}

/** Handlers, and interceptors of the app, are called by the listener with which a call is started. */
function runningIn(rpc: RpcCall, call: Call): Call {
  const { start } = call
  call.start = (listener) => {
    const bound: Listener = Object.create(listener) as Listener
    for (const name of ['onReceiveMetadata', 'onReceiveMessage', 'onReceiveHalfClose', 'onCancel']) {
      bound[name] = (...args) => context.with(rpc.context, () => listener[name]?.(...args))
    }
    context.with(rpc.context, () => start.call(call, bound))
  }
  return call
}

export function connectionAttributesOf({ session }: ServerHttp2Stream, headers: IncomingHttpHeaders): Attributes {
  const attributes: Attributes = {}
  const [, authority = '', port] = AUTHORITY.exec(headers[':authority'] ?? headers.host ?? '') ?? []
  const address = hostIn(authority)
  if (address !== '') attributes['server.address'] = address
  if (port !== undefined) attributes['server.port'] = Number(port)
  const { remoteAddress, remotePort } = sessionPeer(session)
  if (remoteAddress !== undefined) attributes['network.peer.address'] = remoteAddress
  if (remotePort !== undefined) attributes['network.peer.port'] = remotePort
  return attributes
}

const AUTHORITY = /^\[?([^\]@]*?)\]?(?::(\d+))?$/
