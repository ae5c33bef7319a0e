import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ABORTED } from './aborted.ts'
import { errorTypeOf } from './error-type.ts'

/** How a request ended. */
export interface ExchangeOutcome {
  /** Undefined: nothing was sent, or none of it is known. */
  readonly status: number | undefined
  /** Why the response is not complete; undefined where it is. */
  readonly failure: string | undefined
}

/** The client is gone, in the words of what notices it. */
const CONNECTION_LOST: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
])

/** Semantic conventions, `error.type`. Anything can be thrown and emitted. */
export function failureOf(error: unknown): string {
  const type = errorTypeOf(error)
  return CONNECTION_LOST.has(type) ? ABORTED : type
}

/** What is read of node's inside (`_http_outgoing.js`), the same on 22, 24 and 26. */
interface ResponseState {
  readonly _header: string | null
  readonly _contentLength: number | null
  readonly chunkedEncoding: boolean
  readonly outputSize: number
}

export type AnyResponse = ServerResponse & ResponseState

/** Of a response that finished. */
export function outcomeOfFinished({ statusCode }: ServerResponse): ExchangeOutcome {
  return { status: statusCode, failure: undefined }
}

/**
 * Of one whose connection closed before. To be asked before node hears of the close and says of the response that it is destroyed.
 * `bytesBefore`: what was written to the socket before this response; undefined where others were in flight beside it.
 */
export function outcomeOfClosed(
  response: AnyResponse,
  socket: Socket,
  bytesBefore: number | undefined,
): ExchangeOutcome {
  const isWhole = isHandedOver(response, socket, bytesBefore)
  const status = isWhole || response.headersSent ? response.statusCode : undefined
  return { status, failure: isWhole ? undefined : whyClosed(response, socket) }
}

function whyClosed(response: AnyResponse, socket: Socket): string {
  if (response.errored) return failureOf(response.errored)
  if (socket.errored) return failureOf(socket.errored)
  // By the app: the response, the request, or the socket itself.
  if (response.destroyed || !hasPeerEnded(socket)) return '_OTHER'
  return ABORTED
}

function hasPeerEnded({
  readableEnded,
  _readableState,
}: Socket & { readonly _readableState?: { ended: boolean } }): boolean {
  return readableEnded || _readableState?.ended === true
}

/** A client that has all of a response may close at once, before node says that it is finished. */
function isHandedOver(response: AnyResponse, socket: Socket, bytesBefore: number | undefined): boolean {
  if (socket.errored || response.errored || response._header === null || socket.writableLength > 0) return false
  if (response.writableEnded) return response.outputSize === 0
  const { _contentLength: length } = response
  if (length === null || bytesBefore === undefined) return false
  return socket.bytesWritten - bytesBefore >= response._header.length + length
}

/** Whether it is a body that goes nowhere. */
export function hasNoBody({ method }: Pick<IncomingMessage, 'method'>, status: number): boolean {
  return method === 'HEAD' || status === 304 || status === 204
}
