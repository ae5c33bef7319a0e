import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes so far, on the message or stream itself: there as soon as a body is. */
export const RECEIVED: unique symbol = Symbol('@paxx/obs.bytesReceived')
export const SENT: unique symbol = Symbol('@paxx/obs.bytesSent')

export interface Counted {
  [RECEIVED]?: number
  [SENT]?: number
}

interface Pushed extends Counted {
  push(chunk: unknown, encoding?: unknown): boolean
}

interface Written extends Counted {
  readonly writableEnded: boolean
  write(chunk: unknown, ...rest: unknown[]): boolean
  end(chunk?: unknown, ...rest: unknown[]): unknown
}

interface Http {
  readonly IncomingMessage: { readonly prototype: Pushed }
  readonly ServerResponse: { readonly prototype: Written }
}

const counting = new WeakSet<object>()

/**
 * Counts what the parser hands to each request and what the app hands to each response: the bodies as they are
 * transferred, without headers and the framing of chunks, and compressed where the app compresses.
 */
export function countBodies({ IncomingMessage, ServerResponse }: Http): void {
  const incoming = IncomingMessage.prototype
  if (counting.has(incoming)) return
  counting.add(incoming)
  countReceived(incoming)
  countSent(ServerResponse.prototype)
}

/** The same of HTTP/2's streams, which are both in one. */
export function countStream(prototype: Pushed & Written): void {
  if (counting.has(prototype)) return
  counting.add(prototype)
  countReceived(prototype)
  countSent(prototype)
}

function countReceived(prototype: Pushed): void {
  const { push } = prototype
  prototype.push = function (this: Pushed, chunk: unknown, encoding?: unknown): boolean {
    if (chunk !== null) this[RECEIVED] = (this[RECEIVED] ?? 0) + sizeOf(chunk, encoding)
    return push.call(this, chunk, encoding)
  }
}

function countSent(prototype: Written): void {
  const { write, end } = prototype
  prototype.write = function (this: Written, chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.writableEnded) this[SENT] = (this[SENT] ?? 0) + sizeOf(chunk, rest[0])
    return write.call(this, chunk, ...rest)
  }
  prototype.end = function (this: Written, ...args: unknown[]): unknown {
    const [chunk, encoding] = args
    if (chunk && !this.writableEnded) this[SENT] = (this[SENT] ?? 0) + sizeOf(chunk, encoding)
    return end.apply(this, args)
  }
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return (chunk as { readonly byteLength?: number } | undefined)?.byteLength ?? 0
}

/** What the client sent of its body; all of it where it said how much and none is missing, whoever read it. */
export function requestBodySize(request: Pick<IncomingMessage, 'headers' | 'complete'>): number {
  const said = request.headers['content-length']
  return said !== undefined && request.complete ? Number(said) : ((request as Counted)[RECEIVED] ?? 0)
}

/** What was written of the response's body; where the client gave up, it may not have got all of it. */
export function responseBodySize(
  request: Pick<IncomingMessage, 'method'>,
  response: Pick<ServerResponse, 'statusCode'>,
): number {
  // What is written to these goes nowhere.
  if (request.method === 'HEAD' || response.statusCode === 304 || response.statusCode === 204) return 0
  return (response as Counted)[SENT] ?? 0
}
