import type { Socket } from 'node:net'

/** More than any set-up of scrapers needs. */
const MAX_CONNECTIONS = 100
/** Further connections, for probes only: a client that takes all others must not cause a restart of the process. */
const PROBE_PLACES = 20

/**
 * Limits the connections of the side port. When the limit is reached, the connection is closed that has been idle or
 * half-sent for the longest time, so clients that send complete requests are served however many connections others
 * hold.
 */
export class Connections {
  /** Connections without a complete request, ordered by how long they have been so. */
  readonly #waiting = new Map<string, Socket>()
  readonly #answering = new Map<string, Socket>()
  readonly #forProbes = new Set<string>()

  /** Registers an accepted connection. */
  admit(socket: Socket): void {
    socket.unref()
    if (this.#size >= MAX_CONNECTIONS && !this.#closeLongestWaiting()) {
      if (this.#size >= MAX_CONNECTIONS + PROBE_PLACES) {
        socket.destroy()
        return
      }
      this.#forProbes.add(nameOf(socket))
    }
    const name = nameOf(socket)
    this.#waiting.set(name, socket)
    socket.once('close', () => {
      if (this.#waiting.get(name) === socket) this.#waiting.delete(name)
      if (this.#answering.get(name) === socket) this.#answering.delete(name)
      this.#forProbes.delete(name)
    })
  }

  /** Records that a complete request has arrived. Returns false when only probes are answered on this connection. */
  begin(socket: Socket, isProbe: boolean): boolean {
    const name = nameOf(socket)
    const raw = this.#waiting.get(name)
    if (raw !== undefined) {
      this.#waiting.delete(name)
      this.#answering.set(name, raw)
    }
    return isProbe || !this.#forProbes.has(name)
  }

  /** Records that the response has ended. */
  end(socket: Socket): void {
    const name = nameOf(socket)
    const raw = this.#answering.get(name)
    if (raw === undefined) return
    this.#answering.delete(name)
    if (!raw.destroyed) this.#waiting.set(name, raw)
  }

  closeAll(): void {
    for (const socket of [...this.#waiting.values(), ...this.#answering.values()]) socket.destroy()
  }

  get #size(): number {
    return this.#waiting.size + this.#answering.size
  }

  #closeLongestWaiting(): boolean {
    for (const [name, socket] of this.#waiting) {
      this.#waiting.delete(name)
      this.#forProbes.delete(name)
      socket.destroy()
      return true
    }
    return false
  }
}

/** Returns the same name for a TLS socket and its underlying socket. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
