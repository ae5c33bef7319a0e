import type { Server, Socket } from 'node:net'
import { listenAt } from './local-socket.ts'
import { closeReplaced, fileId, removeSocket, socketPath } from './socket-path.ts'

/** The socket in a fleet's folder on which its leader listens for members. */
export class LeaderSocket {
  readonly #server: Server
  readonly #path: string
  readonly #id: number | undefined

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
    this.#id = fileId(path)
  }

  /** Replaces the socket of an earlier leader. Rejects when it cannot listen. */
  static async open(folder: string, onConnection: (socket: Socket) => void): Promise<LeaderSocket> {
    // On Windows a file of the folder holds the name of the pipe.
    const path = socketPath(folder)
    removeSocket(path)
    return new LeaderSocket(await listenAt(path, onConnection), path)
  }

  /** Whether another process listens there by now. If the socket's file is gone, no other process has it. */
  get isReplaced(): boolean {
    const now = fileId(this.#path)
    return now !== undefined && now !== this.#id
  }

  /** Closes a socket that was replaced, and leaves the other one as it is. */
  close(): void {
    closeReplaced(this.#server, this.#path)
  }
}
