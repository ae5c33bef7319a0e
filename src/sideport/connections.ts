import type { Socket } from 'node:net'

/** More at once than any set-up of scrapers needs. */
const MAX_CONNECTIONS = 100
/** Places beyond that, for probes alone: who takes all others must not have the process restarted. */
const PROBE_PLACES = 20

/**
 * The connections of the side port. When all places are taken, the connection goes that has been without an answer on its way for the
 * longest time, idle or half-sent: whoever sends whole requests is served, however many connections others hold.
 */
export class Connections {
  /** Those without a request being answered, in the order in which they came to be so. */
  readonly #waiting = new Map<string, Socket>()
  readonly #answering = new Map<string, Socket>()
  readonly #forProbes = new Set<string>()

  /** A connection was accepted. */
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

  /** A request of it came in whole. False: only a probe is answered here. */
  begin(socket: Socket, isProbe: boolean): boolean {
    const name = nameOf(socket)
    const raw = this.#waiting.get(name)
    if (raw !== undefined) {
      this.#waiting.delete(name)
      this.#answering.set(name, raw)
    }
    return isProbe || !this.#forProbes.has(name)
  }

  /** The answer is over. */
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

/** The same of a TLS socket and of what is below it. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
