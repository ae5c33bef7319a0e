import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import mysql from 'mysql2'
import type { Service } from './service.ts'

/**
 * Servers that say just enough for a real client to send its commands. They are for tests of what is recorded of
 * clients whose real servers are not available on every machine.
 */
export async function startImitations(): Promise<readonly Service[]> {
  return Promise.all([startMysql(), startMongodb(), startMemcached()])
}

/** Accepts every query except an INSERT, which fails with the text of a real duplicate error. */
async function startMysql(): Promise<Service> {
  const server = mysql.createServer((connection) => {
    connection.on('error', () => {})
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 45,
      capabilityFlags: 0xff_f7_ff,
      authCallback: (_params: unknown, done: (error: null, result: undefined) => void) => done(null, undefined),
    } as never)
    connection.on('query', (statement: string) => {
      const value = /\('(.*)'\)/.exec(statement)?.[1]
      // The packets of a response are numbered from its request on, but this library numbers them continuously.
      Object.assign(connection, { sequenceId: 1 })
      if (value === undefined) connection.writeOk({ affectedRows: 0 } as never)
      else connection.writeError({ message: `Duplicate entry '${value}' for key 'users.email'`, code: 1062 } as never)
      Object.assign(connection, { sequenceId: 0 })
    })
  })
  server.listen(0)
  // The underlying server, which the types lack.
  const inner = (server as unknown as { _server: ReturnType<typeof createServer> })._server
  if (!inner.listening) await once(inner, 'listening')
  return addressed('MYSQL_PORT', (inner.address() as { port: number }).port, () => server.close(() => {}))
}

const OP_REPLY = 1
const OP_QUERY = 2004
const HEADER_BYTES = 16
const HELLO = {
  ok: 1,
  helloOk: true,
  isWritablePrimary: true,
  minWireVersion: 0,
  maxWireVersion: 21,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  // The response to anything that requests a cursor.
  cursor: { id: BSON.Long.ZERO, ns: 'shop.users', firstBatch: [] },
  n: 1,
}

function startMongodb(): Promise<Service> {
  return startServer('MONGODB_PORT', (socket) => {
    let received = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0))
        received = received.subarray(message.length)
        socket.write(mongodbAnswer(message.readInt32LE(4), message.readInt32LE(12)))
      }
    })
  })
}

/** Uses the old format (OP_REPLY) for the first greeting, and the new one (OP_MSG) for everything else. */
function mongodbAnswer(requestId: number, operation: number): Buffer {
  const old = operation === OP_QUERY
  const before = Buffer.alloc(old ? 20 : 5)
  if (old) before.writeInt32LE(1, 16)
  const body = Buffer.concat([before, BSON.serialize(HELLO)])
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32LE(HEADER_BYTES + body.length, 0)
  header.writeInt32LE(requestId, 8)
  header.writeInt32LE(old ? OP_REPLY : 2013, 12)
  return Buffer.concat([header, body])
}

function startMemcached(): Promise<Service> {
  return startServer('MEMCACHED_PORT', (socket) => socket.on('data', () => socket.write('STORED\r\n')))
}

export async function startServer(variable: string, serve: (socket: Socket) => void): Promise<Service> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return addressed(variable, (server.address() as { port: number }).port, () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
}

function addressed(variable: string, port: number, stop: () => void): Service {
  return { host: '127.0.0.1', port, env: { [variable]: String(port) }, stop: async () => stop() }
}
