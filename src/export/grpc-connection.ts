import type { ClientHttp2Session } from 'node:http2'
import { causeOf, type ConnectionSettings, openSocket } from './grpc-socket.ts'

/** What waits to be sent counts, and the retention bounds that. */
const MAX_SESSION_MEMORY_MEGABYTES = Number.MAX_SAFE_INTEGER

/**
 * One HTTP/2 connection to a gRPC server: TCP, TLS or a Unix domain socket, directly or through an HTTP proxy. With plain
 * text the server is known to speak HTTP/2, as gRPC has it; with TLS it is negotiated.
 */
export class GrpcConnection {
  /** Rejects, saying why, when there is nobody to connect to. */
  readonly opened: Promise<ClientHttp2Session>
  readonly #cancel = new AbortController()
  #session: ClientHttp2Session | undefined
  #failure: Error | undefined
  #isGivenUp = false

  constructor(settings: ConnectionSettings) {
    this.opened = this.#open(settings)
    // Whoever waits for it hears of it; nobody may be left.
    this.opened.catch(() => {})
  }

  /** Calls can be made at once. */
  get isOpen(): boolean {
    return this.#session !== undefined && !this.isOver
  }

  /** Calls can no longer be made: it is closed, closing, given up, or could not be opened. */
  get isOver(): boolean {
    return this.#failure !== undefined || this.#isGivenUp || this.#session?.closed === true || this.isLost
  }

  /** Whatever was on its way is not answered. */
  get isLost(): boolean {
    return this.#session?.destroyed === true
  }

  /** Why it is lost, where anything is known. */
  get lostBecause(): string {
    return this.#failure === undefined ? 'Connection dropped' : causeOf(this.#failure)
  }

  /** No further calls; those that run on it may end. */
  giveUp(): void {
    this.#isGivenUp = true
    if (this.#session === undefined) this.#cancel.abort()
    else this.#session.close()
  }

  async #open(settings: ConnectionSettings): Promise<ClientHttp2Session> {
    try {
      const opening = openSocket(settings, this.#cancel.signal)
      // Meanwhile: it takes as long as most connections.
      const { connect } = process.getBuiltinModule('node:http2')
      const socket = await opening
      const session = connect(authorityOf(settings.endpoint), {
        createConnection: () => socket,
        maxSessionMemory: MAX_SESSION_MEMORY_MEGABYTES,
        settings: { enablePush: false },
      })
      session.on('error', (error: Error) => (this.#failure = error))
      // Between calls it holds nobody; in one, the caller's deadline does.
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
