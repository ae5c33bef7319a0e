import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { before, test, type TestContext } from 'node:test'
import {
  countChunks,
  countSentChunks,
  requestBodySize,
  responseBodySize,
} from '../../../../src/instrumentation/http/body-size.ts'
import type { AnyResponse } from '../../../../src/instrumentation/http/outcome.ts'

before(() => {
  countSentChunks(ServerResponse)
  countSentChunks(ServerResponse)
})

interface Sizes {
  readonly request: number
  readonly response: number
}

/** Sends `pieces` one by one, each once the one before was read, and gives the sizes when the response or the connection ends. */
async function exchanged(
  t: TestContext,
  pieces: readonly string[],
  respond: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Sizes> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => client.destroy())
  const [head = '', ...rest] = pieces
  client.write(head)
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  const socket = request.socket as Socket
  const { bytesRead, bytesWritten } = socket
  countChunks(request)
  const over = Promise.race([once(response, 'finish'), once(response, 'close')])
  for (const piece of rest) {
    const before = socket.bytesRead
    client.write(piece)
    request.resume()
    while (socket.bytesRead === before) await new Promise(setImmediate)
  }
  respond(response, request)
  if (!response.writableEnded) client.destroy()
  await over
  return {
    request: requestBodySize(request, request.headers, response, socket, bytesRead),
    response: responseBodySize(response as AnyResponse, socket, bytesWritten),
  }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const WRITTEN: Readonly<
  Record<string, readonly [bytes: number, write: (response: ServerResponse) => void, head?: string]>
> = {
  nothing: [0, (response) => response.end()],
  'a string in UTF-8': [2, (response) => response.end('é')],
  'a string in another encoding': [1, (response) => response.end('é', 'latin1')],
  'a string in base64': [3, (response) => response.end('YWJj', 'base64')],
  bytes: [7, (response) => response.end(new Uint8Array(7))],
  'a callback alone': [0, (response) => response.end(() => {})],
  'no content': [0, (response) => response.writeHead(304).end('dropped')],
  'several pieces': [
    6,
    (response) => {
      response.write('a', () => {})
      response.write(Buffer.alloc(2))
      response.end('ccc')
      response.end()
    },
  ],
  'pieces that are held back': [
    24,
    (response) => {
      response.write('a')
      response.cork()
      response.write('b'.repeat(20))
      response.write('é')
      response.uncork()
      response.end('d')
    },
  ],
  'pieces that look like the framing of chunks': [
    9,
    (response) => {
      response.write('ff', 'latin1')
      response.write('\r\n')
      response.write(Buffer.from('\r\n'))
      response.end('10\n')
    },
  ],
  'a content-length in writeHead': [4, (response) => response.writeHead(200, { 'content-length': 4 }).end('abcd')],
  'pieces with trailers': [
    2,
    (response) => {
      response.writeHead(200, { trailer: 'x-sum' }).write('ab')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    },
  ],
  'pieces to a client of HTTP/1.0': [
    3,
    (response) => {
      response.write('ab')
      response.end('c')
    },
    'GET / HTTP/1.0\r\n\r\n',
  ],
  'what is dropped for HEAD': [0, (response) => response.end('dropped'), GET.replace('GET', 'HEAD')],
}

for (const [label, [bytes, write, head = GET]] of Object.entries(WRITTEN)) {
  test(`a response of ${label}: ${bytes}`, async (t) => {
    assert.equal((await exchanged(t, [head], write)).response, bytes)
  })
}

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
const end = (response: ServerResponse): unknown => response.end()

const SENT: Readonly<Record<string, readonly [bytes: number, pieces: readonly string[], respond?: typeof end]>> = {
  none: [0, [GET]],
  'a length': [5, [`${POST}Content-Length: 5\r\n\r\n`, 'ab', 'cde']],
  'a length, with the head': [5, [`${POST}Content-Length: 5\r\n\r\nabcde`]],
  chunks: [5, [`${POST}Transfer-Encoding: chunked\r\n\r\n`, '2\r\nab\r\n', '3\r\ncde\r\n0\r\n\r\n']],
  'a length that the client does not keep': [2, [`${POST}Content-Length: 100\r\n\r\n`, 'ab'], () => {}],
}

for (const [label, [bytes, pieces, respond = end]] of Object.entries(SENT)) {
  test(`a request with a body by ${label}: ${bytes}`, async (t) => {
    assert.equal((await exchanged(t, pieces, respond)).request, bytes)
  })
}
