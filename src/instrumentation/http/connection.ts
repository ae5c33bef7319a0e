import type { Socket } from 'node:net'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import type { RequestCommon } from './request-common.ts'
import { Stamped } from './stamp.ts'

/** One connection of a server, with the requests that are being served on it: several where the client sends ahead. */
export class Connection<Served> {
  readonly scheme: 'http' | 'https'
  /** Who is at the other end. */
  readonly peer: SharedAttributes
  readonly peerAddress: string | undefined
  readonly inFlight: Served[] = []
  /** Of the request before. */
  common: RequestCommon | undefined = undefined

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
    // Mostly the only one; `shift` is a call into V8.
    if (this.inFlight.length === 1 && this.inFlight[0] === served) this.inFlight.pop()
    else {
      const at = this.inFlight.indexOf(served)
      if (at !== -1) this.inFlight.splice(at, 1)
    }
  }
}

class ConnectionOfSocket extends Stamped {
  #connection: Connection<unknown>

  constructor(socket: object, connection: Connection<unknown>) {
    super(socket)
    this.#connection = connection
  }

  static of(socket: object): Connection<unknown> | undefined {
    return #connection in socket ? socket.#connection : undefined
  }
}

export function newConnection<Served>(socket: Socket): Connection<Served> {
  const connection = new Connection<Served>(socket)
  // oxlint-disable-next-line no-new -- puts it on the socket
  new ConnectionOfSocket(socket, connection)
  return connection
}

/** Undefined: no request came by it so far. */
export function knownConnection<Served>(socket: object): Connection<Served> | undefined {
  return ConnectionOfSocket.of(socket) as Connection<Served> | undefined
}
