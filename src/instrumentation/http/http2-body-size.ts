interface Counted {
  [RECEIVED]?: number
  [SENT]?: number
}

interface Counting extends Counted {
  readonly writableEnded: boolean
  push(chunk: unknown, encoding?: unknown): boolean
  write(chunk: unknown, ...rest: unknown[]): boolean
  end(chunk?: unknown, ...rest: unknown[]): unknown
}

/** The bytes received so far, stored on the stream once there is a body. */
const RECEIVED: unique symbol = Symbol('@paxx/obs.bytesReceived')
const SENT: unique symbol = Symbol('@paxx/obs.bytesSent')

const patched = new WeakSet<object>()

/** Counts the bytes of HTTP/2 streams in both directions. Node.js counts them per session only. */
export function countStreams(prototype: object): void {
  if (patched.has(prototype)) return
  patched.add(prototype)
  const counting = prototype as Counting
  const { push, write, end } = counting
  counting.push = function (this: Counting, chunk: unknown, encoding?: unknown): boolean {
    if (chunk !== null) this[RECEIVED] = (this[RECEIVED] ?? 0) + sizeOf(chunk, encoding)
    return push.call(this, chunk, encoding)
  }
  counting.write = function (this: Counting, chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.writableEnded) this[SENT] = (this[SENT] ?? 0) + sizeOf(chunk, rest[0])
    return write.call(this, chunk, ...rest)
  }
  counting.end = function (this: Counting, ...args: unknown[]): unknown {
    const [chunk, encoding] = args
    if (chunk && !this.writableEnded) this[SENT] = (this[SENT] ?? 0) + sizeOf(chunk, encoding)
    return end.apply(this, args)
  }
}

export function bytesReceived(stream: object): number {
  return (stream as Counted)[RECEIVED] ?? 0
}

/** Returns undefined if the app has written nothing. Node.js sends files itself. */
export function bytesSent(stream: object): number | undefined {
  return (stream as Counted)[SENT]
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return (chunk as { readonly byteLength?: number } | undefined)?.byteLength ?? 0
}
