import { type GrpcAnswer, type GrpcRequest, unaryCall } from './grpc-call.ts'
import { GrpcConnection } from './grpc-connection.ts'
import { withRefPolicy } from './handle-refs.ts'
import type { ConnectionSettings } from './grpc-socket.ts'

/**
 * A gRPC client for unary calls over node's HTTP/2, with one connection that is made when it is needed. One that is lost is
 * made anew by the next call: no backoff stands between a collector that is back and what waits for it.
 */
export class GrpcClient {
  readonly #settings: ConnectionSettings
  #connection: GrpcConnection | undefined

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** Begins to connect, for the next call. */
  connect(): void {
    this.#usable()
  }

  /** Never rejects: whatever happens is an answer. */
  async call(request: GrpcRequest): Promise<GrpcAnswer> {
    const deadline = new AbortController()
    const { timeoutMs } = request
    const timer = timeoutMs === 0 ? undefined : withRefPolicy(setTimeout(() => deadline.abort(), timeoutMs))
    try {
      const wasOpen = this.#connection?.isOpen === true
      const answer = await this.#callOnce(request, deadline.signal)
      // https://github.com/grpc/proposal/blob/master/A6-client-retries.md#transparent-retries, and of a connection that was taken
      // down while nothing was sent.
      const isWorthAnother = answer.status !== 'OK' && answer.renewable === true && wasOpen
      return isWorthAnother ? await this.#callOnce(request, deadline.signal) : answer
    } finally {
      clearTimeout(timer)
    }
  }

  async #callOnce(request: GrpcRequest, signal: AbortSignal): Promise<GrpcAnswer> {
    const connection = this.#usable()
    // Nothing may come any more from a server that left without a word.
    const giveUp = (): void => connection.giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await unaryCall(connection, request, signal)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #usable(): GrpcConnection {
    if (this.#connection === undefined || this.#connection.isOver) this.#connection = new GrpcConnection(this.#settings)
    return this.#connection
  }
}
