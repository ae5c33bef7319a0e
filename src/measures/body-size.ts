import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes so far, on the message itself: there as soon as a body is. */
const BYTES: unique symbol = Symbol('@paxx/obs.bodyBytes')

interface Counted {
  [BYTES]?: number
}

interface Http {
  readonly IncomingMessage: { readonly prototype: Pushed }
  readonly ServerResponse: { readonly prototype: Written }
}

interface Pushed extends Counted {
  push(chunk: unknown, encoding?: unknown): boolean
}

interface Written extends Counted {
  readonly writableEnded: boolean
  write(chunk: unknown, ...rest: unknown[]): boolean
  end(chunk?: unknown, ...rest: unknown[]): unknown
}

const counting = new WeakSet<object>()

/**
 * Counts what the parser hands to each request and what the app hands to each response: the bodies as they are
 * transferred, without headers and the framing of chunks, and compressed where the app compresses.
 */
export function countBodies({ IncomingMessage, ServerResponse }: Http): void {
  const incoming = IncomingMessage.prototype
  const outgoing = ServerResponse.prototype
  if (counting.has(incoming)) return
  counting.add(incoming)
  const { push } = incoming
  const { write, end } = outgoing
  incoming.push = function (this: Pushed, chunk: unknown, encoding?: unknown): boolean {
    if (chunk !== null) this[BYTES] = (this[BYTES] ?? 0) + sizeOf(chunk, encoding)
    return push.call(this, chunk, encoding)
  }
  outgoing.write = function (this: Written, chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.writableEnded) this[BYTES] = (this[BYTES] ?? 0) + sizeOf(chunk, rest[0])
    return write.call(this, chunk, ...rest)
  }
  outgoing.end = function (this: Written, ...args: unknown[]): unknown {
    const [chunk, encoding] = args
    if (chunk && !this.writableEnded) this[BYTES] = (this[BYTES] ?? 0) + sizeOf(chunk, encoding)
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
export function requestBodySize(request: IncomingMessage): number {
  const counted = (request as Counted)[BYTES] ?? 0
  const said = request.headers['content-length']
  return said !== undefined && request.complete ? Number(said) : counted
}

/** What was written of the response's body; where the client gave up, it may not have got all of it. */
export function responseBodySize(request: IncomingMessage, response: ServerResponse): number {
  // What is written to these goes nowhere.
  if (request.method === 'HEAD' || response.statusCode === 304 || response.statusCode === 204) return 0
  return (response as Counted)[BYTES] ?? 0
}
