import { existsSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { untracedWhereWatched } from '../sdk/untraced.ts'

/**
 * Connects to a socket. Resolves with undefined when nothing listens there. The connection does not keep the process
 * alive.
 */
export async function connectTo(path: string): Promise<Socket | undefined> {
  // Most processes are alone, and a failing connect takes most of a millisecond. Windows pipes are not files.
  if (process.platform !== 'win32' && !existsSync(path)) return undefined
  return new Promise((resolve) => {
    const socket = untracedWhereWatched(() => process.getBuiltinModule('node:net').connect(path))
    socket.unref()
    const fail = (): void => resolve(undefined)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      // Errors are followed by `close`, which is handled.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/**
 * Listens on a socket. Rejects when it cannot. It is not shared with the workers of a cluster: the leader may be one of
 * them.
 */
export function listenAt(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = untracedWhereWatched(() => process.getBuiltinModule('node:net').createServer(onConnection))
    server.unref()
    server.once('error', reject)
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve(server)
    })
  })
}
