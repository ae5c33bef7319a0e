import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

interface Written {
  _writeGeneric(writev: boolean, data: unknown, encoding: unknown, done: unknown): void
  _destroy(error: Error | null, done: unknown): void
}

/**
 * Watches a socket that Node.js has passed to the app, after an upgrade or a CONNECT, until the app responds: the first
 * thing it writes is a status line. `onAnswer` is called once, with undefined if the socket ends without a response.
 */
export function watchAnswer({ socket }: IncomingMessage, onAnswer: (status: number | undefined) => void): void {
  const written = socket as Socket & Written
  const restore = (): void => {
    Reflect.deleteProperty(written, '_writeGeneric')
    Reflect.deleteProperty(written, '_destroy')
  }
  own(written, '_writeGeneric', function (this: Written, ...args: Parameters<Written['_writeGeneric']>) {
    const status = statusOf(args[0] ? (args[1] as readonly Chunk[])[0] : { chunk: args[1], encoding: args[2] })
    // Interim responses are followed by another one.
    if (status === undefined || status >= 200 || status === 101) {
      restore()
      onAnswer(status)
    }
    const proto = Object.getPrototypeOf(this) as Written
    return Reflect.apply(proto._writeGeneric, this, args)
  })
  own(written, '_destroy', function (this: Written, ...args: Parameters<Written['_destroy']>) {
    restore()
    onAnswer(undefined)
    const proto = Object.getPrototypeOf(this) as Written
    return Reflect.apply(proto._destroy, this, args)
  })
}

interface Chunk {
  readonly chunk: unknown
  readonly encoding: unknown
}

function statusOf(first: Chunk | undefined): number | undefined {
  const { chunk } = first ?? {}
  const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? latin1(chunk) : ''
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
  return status === undefined ? undefined : Number(status)
}

function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, 16)).toString('latin1')
}

/** Adds a property that is not enumerable. Calls are forwarded to the prototype. */
function own<Name extends keyof Written>(socket: Written, name: Name, value: Written[Name]): void {
  Object.defineProperty(socket, name, { configurable: true, enumerable: false, writable: true, value })
}
