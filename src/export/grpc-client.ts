import { type GrpcAnswer, type GrpcRequest, unaryCall } from './grpc-call.ts'
import { GrpcConnection } from './grpc-connection.ts'
import { withRefPolicy } from './handle-refs.ts'
import type { ConnectionSettings } from './grpc-socket.ts'

/**
 * A gRPC client for unary calls over Node's HTTP/2 with one connection, which is opened on demand. The next call after
 * a connection is lost opens a new one: there is no connection backoff to delay exports once the collector is back.
 */
export class GrpcClient {
  readonly #settings: ConnectionSettings
  #connection: GrpcConnection | undefined

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** Starts connecting, so that the next call is faster. */
  connect(): void {
    this.#usable()
  }

  /** Makes a call. Never rejects: every failure is an answer. */
  async call(request: GrpcRequest): Promise<GrpcAnswer> {
    const deadline = new AbortController()
    const { timeoutMs } = request
    const timer = timeoutMs === 0 ? undefined : withRefPolicy(setTimeout(() => deadline.abort(), timeoutMs))
    try {
      const wasOpen = this.#connection?.isOpen === true
      const answer = await this.#callOnce(request, deadline.signal)
      // Retries once on a new connection: transparently
      // (https://github.com/grpc/proposal/blob/master/A6-client-retries.md#transparent-retries), or when an idle
      // connection turned out to be closed.
      const isWorthAnother = answer.status !== 'OK' && answer.renewable === true && wasOpen
      if (!isWorthAnother) return answer
      const second = await this.#callOnce(request, deadline.signal)
      // The first connection may still hold the message.
      return second.status === 'OK' ? { ...second, isWritten: false } : second
    } finally {
      clearTimeout(timer)
    }
  }

  async #callOnce(request: GrpcRequest, signal: AbortSignal): Promise<GrpcAnswer> {
    const connection = this.#usable()
    // A server that vanished without closing the connection will not answer on it any more.
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
