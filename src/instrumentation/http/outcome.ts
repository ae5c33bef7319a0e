import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ABORTED } from './aborted.ts'
import { errorTypeOf } from './error-type.ts'

/** Describes how a request ended. */
export interface ExchangeOutcome {
  /** Undefined if nothing was sent, or if it is unknown. */
  readonly status: number | undefined
  /** Why the response is incomplete; undefined if it is complete. */
  readonly failure: string | undefined
}

/** The error codes for a client that has disconnected. */
const CONNECTION_LOST: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
])

/**
 * Returns `error.type` for a value that was thrown or emitted, which can be anything. Semantic conventions,
 * `error.type`.
 */
export function failureOf(error: unknown): string {
  const type = errorTypeOf(error)
  return CONNECTION_LOST.has(type) ? ABORTED : type
}

/** Internal state of a response (`_http_outgoing.js`), which is the same in Node.js 22, 24 and 26. */
interface ResponseState {
  readonly _header: string | null
  readonly _contentLength: number | null
  readonly chunkedEncoding: boolean
  readonly outputSize: number
}

export type AnyResponse = ServerResponse & ResponseState

/** Returns the outcome of a finished response. */
export function outcomeOfFinished({ statusCode }: ServerResponse): ExchangeOutcome {
  return { status: statusCode, failure: undefined }
}

/**
 * Returns the outcome of a response whose connection closed. Must be called before Node.js handles the close and marks
 * the response as destroyed. `bytesBefore` is the number of bytes written to the socket before this response; undefined
 * if other responses were in flight.
 */
export function outcomeOfClosed(
  response: AnyResponse,
  socket: Socket,
  bytesBefore: number | undefined,
): ExchangeOutcome {
  const isWhole = isHandedOver(response, socket, bytesBefore)
  // The app may have redefined `headersSent`, as @fastify/express does.
  const status = isWhole || response._header !== null ? response.statusCode : undefined
  return { status, failure: isWhole ? undefined : whyClosed(response, socket) }
}

function whyClosed(response: AnyResponse, socket: Socket): string {
  if (response.errored) return failureOf(response.errored)
  if (socket.errored) return failureOf(socket.errored)
  // Destroyed by the app: the response, the request or the socket.
  if (response.destroyed || !hasPeerEnded(socket)) return '_OTHER'
  return ABORTED
}

function hasPeerEnded({
  readableEnded,
  _readableState,
}: Socket & { readonly _readableState?: { ended: boolean } }): boolean {
  return readableEnded || _readableState?.ended === true
}

/** A client that has received the whole response may close at once, before Node.js reports it as finished. */
function isHandedOver(response: AnyResponse, socket: Socket, bytesBefore: number | undefined): boolean {
  if (socket.errored || response.errored || response._header === null || socket.writableLength > 0) return false
  if (response.writableEnded) return response.outputSize === 0
  const { _contentLength: length } = response
  if (length === null || bytesBefore === undefined) return false
  return socket.bytesWritten - bytesBefore >= response._header.length + length
}

/** Returns whether the body is never sent. */
export function hasNoBody({ method }: Pick<IncomingMessage, 'method'>, status: number): boolean {
  return method === 'HEAD' || status === 304 || status === 204
}
