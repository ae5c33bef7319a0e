import type { Socket } from 'node:net'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import type { RequestCommon } from './request-common.ts'
import { Stamped } from './stamp.ts'

/** One server connection with the requests being served on it. There are several if the client pipelines requests. */
export class Connection<Served> {
  readonly scheme: 'http' | 'https'
  /** The attributes of the remote end. */
  readonly peer: SharedAttributes
  readonly peerAddress: string | undefined
  readonly inFlight: Served[] = []
  /** The common attributes of the previous request. */
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
    // Usually there is only one, and `shift` is a call into V8.
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

/** Returns undefined if no request has arrived on the socket. */
export function knownConnection<Served>(socket: object): Connection<Served> | undefined {
  return ConnectionOfSocket.of(socket) as Connection<Served> | undefined
}
