import type { Socket } from 'node:net'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import { stampOf } from './stamp.ts'

/** One connection of a server, with the requests that are being served on it: several where the client sends ahead. */
export class Connection<Served> {
  readonly scheme: 'http' | 'https'
  /** Who is at the other end. */
  readonly peer: SharedAttributes
  readonly peerAddress: string | undefined
  readonly inFlight: Served[] = []

  constructor(socket: Socket & { readonly encrypted?: boolean }) {
    const { remoteAddress, remotePort } = socket
    this.scheme = socket.encrypted === true ? 'https' : 'http'
    this.peerAddress = remoteAddress
    this.peer = {
      attributes:
        remoteAddress === undefined
          ? {}
          : { 'network.peer.address': remoteAddress, 'network.peer.port': remotePort as number },
    }
  }

  remove(served: Served): void {
    if (this.inFlight[0] === served) this.inFlight.shift()
    else {
      const at = this.inFlight.indexOf(served)
      if (at !== -1) this.inFlight.splice(at, 1)
    }
  }
}

const connections = stampOf<Connection<unknown>>()

export function newConnection<Served>(socket: Socket): Connection<Served> {
  const connection = new Connection<Served>(socket)
  connections.set(socket, connection)
  return connection
}

/** Undefined: no request came by it so far. */
export function knownConnection<Served>(socket: object): Connection<Served> | undefined {
  return connections.of(socket) as Connection<Served> | undefined
}
