import type { Socket } from 'node:net'

/** The limit of connections, more than any setup of scrapers needs. */
const MAX_CONNECTIONS = 100
/**
 * With more open connections than this, each is closed after its response, since a client that sends requests without
 * pause would hold it.
 */
const CROWDED = 50
/**
 * Additional connections for probes only, so that a client that takes all others does not cause a restart of the
 * process.
 */
const PROBE_PLACES = 20

/**
 * Limits the connections of the side port. When the limit is reached, the connection is closed that has been idle for
 * the longest time since a response, and only without such a one the oldest of those that have not sent a complete
 * request. So a new client is served however many connections others hold, and however often these send requests.
 */
export class Connections {
  /** Connections without a complete request so far, oldest first. */
  readonly #fresh = new Map<string, Socket>()
  /** Connections between a response and the next request, ordered by how long they have been so. */
  readonly #idle = new Map<string, Socket>()
  readonly #answering = new Map<string, Socket>()
  readonly #forProbes = new Set<string>()

  /** Registers an accepted connection. */
  admit(socket: Socket): void {
    socket.unref()
    const name = nameOf(socket)
    if (this.#size >= MAX_CONNECTIONS && !this.#closeOne((other) => !this.#forProbes.has(other))) {
      if (this.#size >= MAX_CONNECTIONS + PROBE_PLACES && !this.#closeOne(() => true)) {
        socket.destroy()
        return
      }
      this.#forProbes.add(name)
    }
    this.#fresh.set(name, socket)
    socket.once('close', () => {
      for (const sockets of this.#all) if (sockets.get(name) === socket) sockets.delete(name)
      this.#forProbes.delete(name)
    })
  }

  /** Records that a complete request has arrived. Returns false when only probes are answered on this connection. */
  begin(socket: Socket, isProbe: boolean): boolean {
    const name = nameOf(socket)
    const raw = this.#fresh.get(name) ?? this.#idle.get(name)
    if (raw !== undefined) {
      this.#fresh.delete(name)
      this.#idle.delete(name)
      this.#answering.set(name, raw)
    }
    return isProbe || !this.#forProbes.has(name)
  }

  /** Whether a connection must be closed after its response. */
  get isCrowded(): boolean {
    return this.#size > CROWDED
  }

  /** Records that the response has ended. */
  end(socket: Socket): void {
    const name = nameOf(socket)
    const raw = this.#answering.get(name)
    if (raw === undefined) return
    this.#answering.delete(name)
    if (!raw.destroyed) this.#idle.set(name, raw)
  }

  closeAll(): void {
    for (const sockets of this.#all) for (const socket of sockets.values()) socket.destroy()
  }

  get #all(): readonly Map<string, Socket>[] {
    return [this.#idle, this.#fresh, this.#answering]
  }

  get #size(): number {
    return this.#idle.size + this.#fresh.size + this.#answering.size
  }

  /** Closes one of those that `may` be closed and are not being answered. Returns false when there is none. */
  #closeOne(may: (name: string) => boolean): boolean {
    for (const sockets of [this.#idle, this.#fresh]) {
      for (const [name, socket] of sockets) {
        if (!may(name)) continue
        sockets.delete(name)
        this.#forProbes.delete(name)
        socket.destroy()
        return true
      }
    }
    return false
  }
}

/** Returns the same name for a TLS socket and its underlying socket. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
