import type { Server } from 'node:http'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import type { Address } from './server.ts'

export interface Listener {
  readonly close: () => unknown
}

const IPV4_LOOPBACK = '127.0.0.1'
const IPV6_LOOPBACK = '::1'

/**
 * Listens on a host. `localhost` means both loopback addresses, since clients try either; a machine without one of them
 * uses the other. The port is not shared with the workers of a cluster: each serves its own.
 */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  onExtra: (listener: Listener) => void,
): Promise<Address> {
  if (host !== 'localhost') return { host, port: await bind(server, host, port) }
  let bound: number
  try {
    bound = await bind(server, IPV4_LOOPBACK, port)
  } catch (error) {
    if (!isWithoutAddress(error)) throw error
    return { host, port: await bind(server, IPV6_LOOPBACK, port) }
  }
  const extra = secondListener(server)
  onExtra(extra)
  try {
    await bind(extra, IPV6_LOOPBACK, bound)
  } catch (error) {
    // If another process has the IPv6 side of the requested port, some clients would reach that process.
    if (port === bound && !isWithoutAddress(error)) {
      server.close()
      throw error
    }
  }
  return { host, port: bound }
}

/** Creates a second listener, which passes its connections to the HTTP server, as that cannot listen twice. */
function secondListener(server: Server): NetServer {
  const hand = (socket: Socket): void => void server.emit('connection', socket)
  return process.getBuiltinModule('node:net').createServer({ allowHalfOpen: true, noDelay: true }, hand).unref()
}

function bind(server: NetServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(new SidePortError(error, host, port))
    if (isNetworkDenied()) return fail(new Error("Node's permission model denies it; --allow-net permits it"))
    server.once('error', fail)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', fail)
      server.on('error', () => {})
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/**
 * Returns whether the permission model of this Node.js denies network access (`--permission` without `--allow-net`,
 * Node 25). `server.listen()` then throws where nothing can catch it, and ends the app.
 */
function isNetworkDenied(): boolean {
  const { permission } = process
  return permission !== undefined && process.allowedNodeEnvironmentFlags.has('--allow-net') && !permission.has('net')
}

/** The reason why the side port could not be opened. */
export class SidePortError extends Error {
  readonly code: string | undefined

  constructor(cause: NodeJS.ErrnoException, host: string, port: number) {
    super(`${host.includes(':') ? `[${host}]` : host}:${port} ${inWords(cause)}`, { cause })
    this.name = 'SidePortError'
    this.code = cause.code
  }
}

function inWords(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'is in use'
    case 'EACCES':
      return 'cannot be opened: permission denied'
    case 'EADDRNOTAVAIL':
      return 'is not an address of this machine'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'is an unknown host'
    default:
      return `cannot be opened: ${error.message}`
  }
}

function isWithoutAddress(error: unknown): boolean {
  const { code } = error as SidePortError
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EINVAL'
}
