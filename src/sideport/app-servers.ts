import type { Server, Socket } from 'node:net'
import { SIDE_PORT_MARK } from '../base/side-port-mark.ts'

/**
 * The longest time that a process without a server counts as draining. A process that continues for longer does other
 * work.
 */
const DRAINS_WITHIN_MS = 600_000

const CONNECTION = 'net.server.socket'

/**
 * Detects that all TCP servers of the app have stopped listening, with which every kind of shutdown begins: the app
 * should then receive no more traffic. A server is known from its first connection on.
 */
export class AppServers {
  readonly #seen = new WeakSet<Server>()
  #known: WeakRef<Server>[] = []
  #closedMs: number | undefined

  watch(): void {
    process.getBuiltinModule('node:diagnostics_channel').subscribe(CONNECTION, this.#onConnection)
  }

  unwatch(): void {
    process.getBuiltinModule('node:diagnostics_channel').unsubscribe(CONNECTION, this.#onConnection)
  }

  haveClosed(nowMs: number = performance.now()): boolean {
    const servers = this.#known.map((known) => known.deref()).filter((server) => server !== undefined)
    if (servers.length === 0 || servers.some(({ listening }) => listening)) {
      this.#closedMs = undefined
      return false
    }
    this.#closedMs ??= nowMs
    return nowMs - this.#closedMs < DRAINS_WITHIN_MS
  }

  readonly #onConnection = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket & { readonly server?: Server } }
    if (socket.server !== undefined && !this.#seen.has(socket.server)) this.#add(socket.server, socket)
  }

  #add(server: Server, { remoteAddress }: Socket): void {
    this.#seen.add(server)
    // Unix domain sockets do not receive outside traffic.
    if (remoteAddress === undefined || SIDE_PORT_MARK in server) return
    this.#known = [...this.#known.filter((known) => known.deref() !== undefined), new WeakRef(server)]
  }
}
