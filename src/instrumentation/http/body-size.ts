import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type AnyResponse, hasNoBody } from './outcome.ts'
import { stampOf } from './stamp.ts'

/** The headers that describe the body of a request. */
export type BodyHeaders = Pick<IncomingHttpHeaders, 'content-length' | 'transfer-encoding'>

/** The bytes received so far of a body of unknown length. */
const received = stampOf<number>()
const sent = stampOf<ChunksSent>()

/**
 * Returns the size of the request body that the client sent: its declared length, unless it was cut off. A response may
 * finish before the whole body was read. `readBefore` is the number of bytes read from the socket when the request
 * began.
 */
export function requestBodySize(
  request: IncomingMessage,
  headers: BodyHeaders,
  response: ServerResponse,
  socket: Socket,
  readBefore: number,
): number {
  const { 'content-length': declared, 'transfer-encoding': coding } = headers
  if (declared === undefined || coding !== undefined) return coding === undefined ? 0 : (received.of(request) ?? 0)
  return request.complete || response.writableFinished
    ? Number(declared)
    : Math.min(Number(declared), Math.max(0, socket.bytesRead - readBefore))
}

/**
 * Returns the size of the response body as it was transferred. `bytesBefore` is the number of bytes written to the
 * socket before the response.
 */
export function responseBodySize(response: AnyResponse, socket: Socket, bytesBefore: number): number {
  const { _contentLength: length, _header: header, chunkedEncoding } = response
  if (header === null || hasNoBody(response.req, response.statusCode)) return 0
  if (chunkedEncoding) return sent.of(response)?.total ?? 0
  if (length !== null && response.writableFinished) return length
  const written = Math.max(0, socket.bytesWritten - bytesBefore - header.length)
  return length === null ? written : Math.min(length, written)
}

interface Parser {
  readonly incoming: object | null
  [index: number]: unknown
}

type OnBody = (this: Parser, chunk: { readonly byteLength: number }, ...rest: unknown[]) => unknown

/** The index of the callback `HTTPParser.kOnBody`. */
const ON_BODY = 3
const counting = new WeakSet<OnBody>()

/** Counts a chunked body as the parser delivers it; its size is recorded nowhere else. */
export function countChunks({ socket }: IncomingMessage): void {
  const { parser } = socket as Socket & { readonly parser?: Parser }
  const onBody = parser?.[ON_BODY] as OnBody | undefined
  if (parser === undefined || typeof onBody !== 'function' || counting.has(onBody)) return
  const parserOnBody: OnBody = function (chunk, ...rest) {
    const { incoming } = this
    if (incoming !== null) received.set(incoming, (received.of(incoming) ?? 0) + chunk.byteLength)
    return Reflect.apply(onBody, this, [chunk, ...rest])
  }
  counting.add(parserOnBody)
  parser[ON_BODY] = parserOnBody
}

/**
 * Counts the chunks of a response on their way to the socket: each is a size, a line end, the data in one or more
 * pieces, and a line end.
 */
class ChunksSent {
  total = 0
  #isInChunk = false
  #lineEnd: unknown

  take(piece: unknown): void {
    if (this.#isInChunk) {
      // The first piece is always a line end, which is the same object each time.
      this.#lineEnd ??= piece
      if (piece === this.#lineEnd) this.#ends += 1
      if (this.#ends === 2) this.#isInChunk = false
      return
    }
    if (typeof piece !== 'string') return
    const sizeBytes = Number.parseInt(piece, 16)
    if (!(sizeBytes > 0)) return
    this.total += sizeBytes
    this.#isInChunk = true
    this.#ends = 0
  }

  #ends = 0
}

interface Sending {
  readonly chunkedEncoding: boolean
  _send(this: Sending, data: unknown, ...rest: unknown[]): unknown
}

const patched = new WeakSet<object>()

/**
 * Counts the chunks of responses of unknown length. Node.js does not count them. All of them pass through `_send`,
 * which is below the methods that the app calls and does not throw.
 */
export function countSentChunks({ prototype }: { readonly prototype: ServerResponse }): void {
  const sending = prototype as unknown as Sending
  if (patched.has(sending)) return
  patched.add(sending)
  const { _send: send } = sending
  Object.defineProperty(sending, '_send', {
    configurable: true,
    writable: true,
    enumerable: false,
    // The function has the same length as the original.
    value: function _send(
      this: Sending,
      data: unknown,
      encoding: unknown,
      callback: unknown,
      byteLength: unknown,
    ): unknown {
      if (this.chunkedEncoding) {
        let chunks = sent.of(this)
        if (chunks === undefined) sent.set(this, (chunks = new ChunksSent()))
        chunks.take(data)
      }
      return send.call(this, data, encoding, callback, byteLength)
    },
  })
}
