import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'

/** Peers that listen in place of a collector and are none. */
export type PeerBehaviour = 'silent' | 'reset' | 'closes' | 'garbage' | 'html' | 'http1' | 'redirect' | 'endless'

export interface RawPeer {
  readonly port: number
  readonly url: string
  /** The number of accepted connections. */
  readonly connections: number
}

const HTML = '<!doctype html><html><body>It works!</body></html>'
const REDIRECTED = 'text/plain\r\nlocation: https://login.example/'
const BEHAVIOURS: Readonly<Record<PeerBehaviour, (socket: Socket) => void>> = {
  silent: () => {},
  reset: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  closes: (socket) => void socket.end(),
  garbage: (socket) => void socket.once('data', () => socket.write(Buffer.alloc(4096, 0xa5))),
  html: (socket) => void socket.once('data', () => socket.end(httpResponse('200 OK', 'text/html', HTML))),
  redirect: (socket) => void socket.once('data', () => socket.end(httpResponse('302 Found', REDIRECTED, ''))),
  endless: (socket) => void socket.once('data', () => writeHeadersTo(socket)),
  http1: (socket) => void socket.once('data', () => socket.end(httpResponse('400 Bad Request', 'text/plain', ''))),
}

export async function startRawPeer(t: Pick<TestContext, 'after'>, behaviour: PeerBehaviour): Promise<RawPeer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => {})
    BEHAVIOURS[behaviour](socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://localhost:${port}`,
    get connections() {
      return connections
    },
  }
}

/** Returns an address on which nothing listens. */
export async function closedUrl(): Promise<string> {
  return `http://localhost:${await freePort()}`
}

/** Writes headers without end. */
function writeHeadersTo(socket: Socket): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(`x-more: ${'y'.repeat(1000)}\r\n`));
  }
  socket.write('HTTP/1.1 200 OK\r\n')
  socket.on('drain', more)
  more()
}

function httpResponse(status: string, type: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}
