import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { HttpTransport } from '../../../src/export/http-transport.ts'
import { askHttp } from '../../../src/export/sampling-http.ts'
import type { OtlpSettings } from '../../../src/settings/settings.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
/** Reached only when the client does not end the connection. */
const TIMEOUT_MS = 3000

async function serverOf(t: TestContext, handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('data', () => handle(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function withoutEnd(socket: Socket): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(CONTINUE.repeat(100)));
  }
  socket.on('drain', more)
  more()
}

function send(endpoint: string): ReturnType<HttpTransport['send']> {
  const settings = { endpoint, headers: {}, compression: 'none', protocol: 'http/protobuf' } as unknown as OtlpSettings
  return new HttpTransport(settings).send(new Uint8Array(10), TIMEOUT_MS)
}

test('an export ends when the collector sends informational responses without end', async (t) => {
  const attempt = await send(await serverOf(t, withoutEnd))
  assert.equal(attempt.status, 'retryable')
  assert.match(String('reason' in attempt && attempt.reason), /more than 8 informational responses/)
})

test('an export succeeds after a few informational responses', async (t) => {
  const endpoint = await serverOf(t, (socket) => {
    socket.end(`${CONTINUE.repeat(8)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`)
  })
  assert.equal((await send(endpoint)).status, 'success')
})

test('a request to a sampling server ends when that sends informational responses without end', async (t) => {
  const url = new URL(await serverOf(t, withoutEnd))
  await assert.rejects(askHttp(url, undefined, TIMEOUT_MS), /more than 8 informational responses/)
})
