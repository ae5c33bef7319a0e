import type { ClientHttp2Session } from 'node:http2'
import { causeOf, type ConnectionSettings, openSocket } from './grpc-socket.ts'

/** Node.js counts unsent data too, which the retention limit already bounds. */
const MAX_SESSION_MEMORY_MEGABYTES = Number.MAX_SAFE_INTEGER

/**
 * One HTTP/2 connection to a gRPC server over TCP, TLS or a Unix domain socket, directly or through an HTTP proxy.
 * Plain text uses HTTP/2 with prior knowledge, as gRPC requires; TLS negotiates it by ALPN.
 */
export class GrpcConnection {
  /** Resolves when the connection is open. Rejects with the reason when it could not be opened. */
  readonly opened: Promise<ClientHttp2Session>
  readonly #cancel = new AbortController()
  #session: ClientHttp2Session | undefined
  #failure: Error | undefined
  #isGivenUp = false

  constructor(settings: ConnectionSettings) {
    this.opened = this.#open(settings)
    // The rejection is handled by whoever awaits `opened`, which may be nobody.
    this.opened.catch(() => {})
  }

  /** Whether calls can be made at once. */
  get isOpen(): boolean {
    return this.#session !== undefined && !this.isOver
  }

  /** Whether no more calls can be made: the connection is closed, closing, given up, or could not be opened. */
  get isOver(): boolean {
    return this.#failure !== undefined || this.#isGivenUp || this.#session?.closed === true || this.isLost
  }

  /** Whether the connection was lost, so that pending calls will not be answered. */
  get isLost(): boolean {
    return this.#session?.destroyed === true
  }

  /** The reason why the connection was lost, if known. */
  get lostBecause(): string {
    return this.#failure === undefined ? 'Connection dropped' : causeOf(this.#failure)
  }

  /** Accepts no further calls; running ones may end. */
  giveUp(): void {
    this.#isGivenUp = true
    if (this.#session === undefined) this.#cancel.abort()
    else this.#session.close()
  }

  async #open(settings: ConnectionSettings): Promise<ClientHttp2Session> {
    try {
      const opening = openSocket(settings, this.#cancel.signal)
      // The module is loaded in the meantime, which takes as long as most connections.
      const { connect } = process.getBuiltinModule('node:http2')
      const socket = await opening
      const session = connect(authorityOf(settings.endpoint), {
        createConnection: () => socket,
        maxSessionMemory: MAX_SESSION_MEMORY_MEGABYTES,
        settings: { enablePush: false },
      })
      session.on('error', (error: Error) => (this.#failure = error))
      // An idle session does not keep the process alive; during a call the caller's timer does.
      session.unref()
      this.#session = session
      return session
    } catch (thrown) {
      this.#failure = thrown instanceof Error ? thrown : new Error(String(thrown))
      throw this.#failure
    }
  }
}

function authorityOf(endpoint: string): string {
  return endpoint.startsWith('unix:') ? 'http://localhost' : endpoint
}
