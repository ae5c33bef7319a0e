import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { GrpcClient } from '../../../src/export/grpc-client.ts'
import type { GrpcAnswer } from '../../../src/export/grpc-call.ts'
import { hintFor } from '../../../src/export/hints.ts'
import type { ProxySettings } from '../../../src/settings/settings.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Everything that may answer a unary call. The end-to-end tests have grpc-js' server and a collector that nobody here wrote. */

type Handle = (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>) => void

const MESSAGE = Buffer.from('what is answered')
const GRPC = { ':status': 200, 'content-type': 'application/grpc' } as const

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.byteLength, 1)
  return Buffer.concat([prefix, message])
}

/** A head, a body, and trailers. */
function answering(
  body: Uint8Array,
  head: object = {},
  trailers: Record<string, string> = { 'grpc-status': '0' },
): Handle {
  return (stream) => {
    stream.respond({ ...GRPC, ...head }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.end(body)
  }
}

function headOnly(head: object, body?: string): Handle {
  return (stream) => {
    stream.respond({ ...GRPC, ...head }, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
  }
}

const endlessBody: Handle = (stream) => {
  const more = (): void => {
    while (!stream.destroyed && stream.write(Buffer.alloc(65_536)));
  }
  stream.respond(GRPC)
  stream.on('drain', more)
  more()
}

const manyInformational: Handle = (stream) => {
  for (let index = 0; index < 9; index++) stream.additionalHeaders({ ':status': 103 })
}

const manyHeaders = (count: number, bytes: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'y'.repeat(bytes)]))

const OK = /^OK: what is answered$/

const ANSWERS: readonly [label: string, handle: Handle, reason: RegExp, hint?: RegExp][] = [
  ['a message', answering(framed(MESSAGE)), OK],
  ['a compressed message', answering(framed(gzipSync(MESSAGE), 1), { 'grpc-encoding': 'gzip' }), OK],
  ['nothing', answering(Buffer.alloc(0)), /^OK: $/],
  ['an unknown encoding', answering(framed(MESSAGE, 1), { 'grpc-encoding': 'br' }), /^INTERNAL: .*\(br\)/],
  ['a message cut short', answering(framed(MESSAGE).subarray(0, 9)), /^INTERNAL: a truncated response/],
  [
    'a status in trailers',
    answering(framed(MESSAGE), {}, { 'grpc-status': '13', 'grpc-message': 'oh' }),
    /^INTERNAL: oh$/,
  ],
  [
    'trailers only, with a message in UTF-8',
    headOnly({ 'grpc-status': '7', 'grpc-message': 'n%C3%A4in %zz' }),
    /^PERMISSION_DENIED: näin %zz$/,
    /OTEL_EXPORTER_OTLP_HEADERS/,
  ],
  ['a status without a message', headOnly({ 'grpc-status': '8' }), /^RESOURCE_EXHAUSTED: grpc-status 8$/],
  ['a status that is none', headOnly({ 'grpc-status': '99' }), /^UNKNOWN: grpc-status 99$/],
  ['a head and no status', headOnly({}, ''), /^INTERNAL: the call ended without a gRPC status/],
  ['a refusal', (stream) => stream.close(7), /^UNAVAILABLE: .*code 7/],
  ['a reset', (stream) => stream.close(2), /^INTERNAL: .*code 2/],
  ['a cancellation', (stream) => stream.close(8), /^CANCELLED: .*code 8/],
  ['a call for calm', (stream) => stream.close(11), /^RESOURCE_EXHAUSTED: .*code 11/],
  ['insufficient security', (stream) => stream.close(12), /^PERMISSION_DENIED: .*code 12/],
  ['an end of the session with an error', (stream) => stream.session?.goaway(2), /^UNAVAILABLE: .*code 2/],
  ['a connection that goes', (stream) => stream.session?.socket.destroy(), /^UNAVAILABLE: Connection dropped/],
  ['a web page', headOnly({ 'content-type': 'text/html' }, '<html>'), /^UNKNOWN: HTTP 200 with/, /web server/],
  ['no such path', headOnly({ ':status': 404 }, 'no'), /^UNIMPLEMENTED: HTTP 404/, /OTLP\/gRPC receiver/],
  ['no credentials', headOnly({ ':status': 401 }), /^UNAUTHENTICATED: HTTP 401/, /OTEL_EXPORTER_OTLP_HEADERS/],
  ['a busy proxy', headOnly({ ':status': 503 }), /^UNAVAILABLE: HTTP 503/],
  ['a request that is too large', headOnly({ ':status': 413 }), /^UNKNOWN: HTTP 413/, /VALUE_LENGTH_LIMIT/],
  [
    'a redirect',
    headOnly({ ':status': 302, location: 'https://x/login?to=y' }),
    /^UNKNOWN: HTTP 302 to https:\/\/x\/\*\*\*\?\*\*\* with/,
    /points/,
  ],
  ['a body without end', endlessBody, /^RESOURCE_EXHAUSTED: a response of more than/],
  ['informational responses without end', manyInformational, /: more than 8 informational responses/],
  ['headers without end', headOnly(manyHeaders(1000, 10)), /^RESOURCE_EXHAUSTED|^UNAVAILABLE/],
  ['headers that are too large', headOnly(manyHeaders(100, 1000)), /^UNAVAILABLE/],
  ['silence', () => {}, /^DEADLINE_EXCEEDED: timed out after 300 ms/],
]

/** Only a peer that never responds is waited for. */
const timeoutFor = (label: string): number | undefined => (label === 'silence' ? 300 : undefined)

for (const [label, handle, reason, hint] of ANSWERS) {
  test(`a server that answers with ${label}`, async (t) => {
    const endpoint = await listening(t, handle)
    assertFailure(await call(endpoint, undefined, timeoutFor(label)), reason, endpoint, hint)
  })
}

const raw = (bytes: string | Buffer) => (socket: Socket) => void socket.once('data', () => socket.end(bytes))
const endlessHead = (socket: Socket): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(`x: ${'y'.repeat(1000)}\r\n`));
  }
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n')
    socket.on('drain', more)
    more()
  })
}

const OTHERS: readonly [label: string, handle: (socket: Socket) => void, reason: RegExp, hint?: RegExp][] = [
  [
    'HTTP/1',
    raw('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
    /^UNAVAILABLE: Protocol error/,
    /OTLP\/HTTP/,
  ],
  ['HTTP/1 without end', endlessHead, /^UNAVAILABLE: Protocol error/, /OTLP\/HTTP/],
  ['garbage', raw(Buffer.alloc(4096, 0xa5)), /^UNAVAILABLE: Protocol error/, /TLS/],
  ['a TLS alert', raw(Buffer.from('15030300020228', 'hex')), /^UNAVAILABLE: /, /TLS/],
  [
    'a reset',
    (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    /^UNAVAILABLE: .*ECONNRESET/,
    /TLS/,
  ],
  ['an end', (socket) => void socket.end(), /^UNAVAILABLE: Connection dropped/, /TLS/],
  ['silence', () => {}, /^DEADLINE_EXCEEDED/],
]

for (const [label, handle, reason, hint] of OTHERS) {
  test(`something that is no gRPC server and answers with ${label}`, async (t) => {
    const endpoint = await urlOf(t, createTcpServer(handle))
    assertFailure(await call(endpoint, undefined, timeoutFor(label)), reason, endpoint, hint)
  })
}

test('requests follow the specification', async (t) => {
  let seen: Readonly<Record<string, unknown>> = {}
  const body: Buffer[] = []
  const endpoint = await listening(t, (stream, headers) => {
    seen = headers
    stream.on('data', (chunk: Buffer) => body.push(chunk))
    stream.on('end', () => answering(framed(MESSAGE))(stream, headers))
  })
  assertFailure(await call(endpoint), OK, endpoint)
  const { ':method': method, ':path': path, ':scheme': scheme, ':authority': authority, te } = seen
  assert.deepEqual({ method, path, scheme, te }, { method: 'POST', path: '/a.B/C', scheme: 'http', te: 'trailers' })
  assert.equal(`http://${authority}`, endpoint)
  assert.deepEqual(
    [seen['content-type'], seen['grpc-timeout'], seen['user-agent'], seen['x-mine'], seen['grpc-encoding']],
    ['application/grpc', '30000m', 'paxx-obs', '1', undefined],
  )
  assert.deepEqual(Buffer.concat(body), framed(Buffer.from('asked')))
})

test('a connection is reused, and replaced at once if the server closed it', async (t) => {
  const sessions = new Set<Http2Session>()
  const endpoint = await listening(t, (stream, headers) => {
    const { session } = stream
    const isNew = session !== undefined && !sessions.has(session)
    if (session !== undefined) sessions.add(session)
    // The third call: told that the second was the last one.
    if (sessions.size === 1 && !isNew && (stream.id ?? 0) > 3) session?.goaway(0, 3)
    else answering(framed(MESSAGE))(stream, headers)
  })
  const client = new GrpcClient({ endpoint, proxy: undefined })
  for (let round = 0; round < 4; round++) assertFailure(await callOf(client), OK, endpoint)
  assert.equal(sessions.size, 2)
  for (const session of sessions) session.destroy()
  assertFailure(await callOf(client), OK, endpoint)
  assert.equal(sessions.size, 3)
})

test('concurrent calls share a connection that is being opened', async (t) => {
  const sessions = new Set<Http2Session | undefined>()
  const endpoint = await listening(t, (stream, headers) => {
    sessions.add(stream.session)
    answering(framed(MESSAGE))(stream, headers)
  })
  const client = new GrpcClient({ endpoint, proxy: undefined })
  for (const answer of await Promise.all([1, 2, 3].map(() => callOf(client)))) assertFailure(answer, OK, endpoint)
  assert.equal(sessions.size, 1)
})

test('a thread that is busy while it connects does not take that for a timeout', async (t) => {
  const endpoint = await listening(t, answering(framed(MESSAGE)))
  const client = new GrpcClient({ endpoint, proxy: undefined })
  client.connect()
  const busyUntilMs = performance.now() + 400
  while (performance.now() < busyUntilMs);
  assertFailure(await callOf(client), OK, endpoint)
})

test('a Unix domain socket', async (t) => {
  const path = join(temporaryFolder(t, 'grpc'), 'socket')
  await listening(t, answering(framed(MESSAGE)), path)
  assertFailure(await call(`unix:${path}`), OK, '')
  assertFailure(await call(`unix:${path}x`), /^UNAVAILABLE: .*ENOENT/, '')
})

test('a proxy', async (t) => {
  const target = await listening(t, answering(framed(MESSAGE)))
  const asked: unknown[] = []
  const proxy = createHttpServer()
  proxy.on('connect', ({ url, headers }, socket: Socket) => {
    asked.push(url, headers['proxy-authorization'])
    if (headers['proxy-authorization'] === undefined) return void socket.end('HTTP/1.1 407 Who are you\r\n\r\n')
    const upstream = connect(Number(new URL(target).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const one of [socket, upstream]) one.on('error', () => {})
    t.after(() => upstream.destroy())
  })
  const port = Number(new URL(await urlOf(t, proxy)).port)
  const endpoint = 'http://collector.invalid:4317'
  const via = (authorization: string | undefined): ProxySettings => ({ host: 'localhost', port, authorization })
  assertFailure(await call(endpoint, via('Basic YTpi')), OK, '')
  assert.deepEqual(asked.splice(0), ['collector.invalid:4317', 'Basic YTpi'])
  assertFailure(
    await call(endpoint, via(undefined)),
    /^UNAVAILABLE: the proxy localhost:\d+ .*HTTP 407 Who are you/,
    '',
  )
  assertFailure(await call(endpoint, { host: 'localhost', port: 1, authorization: undefined }), /ECONNREFUSED/, '')
})

function call(endpoint: string, proxy?: ProxySettings, timeoutMs?: number): Promise<GrpcAnswer> {
  return callOf(new GrpcClient({ endpoint, proxy }), timeoutMs)
}

/** By default, the timeout is longer than any response takes on a busy machine. */
function callOf(client: GrpcClient, timeoutMs = 30_000): Promise<GrpcAnswer> {
  const message = Buffer.from('asked')
  return client.call({ method: '/a.B/C', message, metadata: { 'x-mine': '1' }, compression: 'none', timeoutMs })
}

function assertFailure(answer: GrpcAnswer, reason: RegExp, endpoint: string, hint?: RegExp): void {
  const text = answer.status === 'OK' ? Buffer.from(answer.message).toString() : answer.reason
  assert.match(`${answer.status}: ${text}`, reason)
  const given = hintFor({ endpoint, protocol: 'grpc' }, `${answer.status}: ${text}`)
  if (hint !== undefined) assert.match(given ?? '', hint)
}

async function listening(t: TestContext, handle: Handle, path?: string): Promise<string> {
  const server = createHttp2Server()
  server.on('session', (session) => session.on('error', () => {}))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    handle(stream, headers)
  })
  return await urlOf(t, server, path)
}

async function urlOf(t: TestContext, server: Server, path?: string): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return path === undefined ? `http://localhost:${(server.address() as AddressInfo).port}` : ''
}
