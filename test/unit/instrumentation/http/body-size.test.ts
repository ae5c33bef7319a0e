import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { before, test } from 'node:test'
import { countBodies, requestBodySize, responseBodySize } from '../../../../src/instrumentation/http/body-size.ts'

before(() => {
  const http = { IncomingMessage, ServerResponse } as never
  countBodies(http)
  countBodies(http)
})

function exchange(method = 'GET', headers: OutgoingHttpHeaders = {}): [IncomingMessage, ServerResponse] {
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method, httpVersionMajor: 1, httpVersionMinor: 1 })
  Object.assign(request.headers, headers)
  return [request, new ServerResponse(request)]
}

const WRITTEN: readonly {
  readonly label: string
  readonly bytes: number
  readonly write: (response: ServerResponse) => void
}[] = [
  { label: 'nothing', bytes: 0, write: (response) => response.end() },
  { label: 'a string in UTF-8', bytes: 2, write: (response) => response.end('é') },
  { label: 'a string in another encoding', bytes: 1, write: (response) => response.end('é', 'latin1') },
  { label: 'a string in base64', bytes: 3, write: (response) => response.end('YWJj', 'base64') },
  { label: 'bytes', bytes: 7, write: (response) => response.end(new Uint8Array(7)) },
  { label: 'a callback alone', bytes: 0, write: (response) => response.end(() => {}) },
  { label: 'no content', bytes: 0, write: (response) => response.writeHead(304).end('dropped') },
  {
    label: 'several pieces',
    bytes: 6,
    write(response) {
      response.write('a', () => {})
      response.write(Buffer.alloc(2))
      response.end('ccc')
      response.end()
    },
  },
]

for (const { label, bytes, write } of WRITTEN) {
  test(`a response of ${label}: ${bytes}`, () => {
    const [request, response] = exchange()
    write(response)
    assert.equal(responseBodySize(request, response), bytes)
  })
}

test('a response to HEAD has no body, whatever is written', () => {
  const [request, response] = exchange('HEAD')
  response.end('dropped')
  assert.equal(responseBodySize(request, response), 0)
})

test('a request: what came, and what was said where all of it came', () => {
  const [chunked] = exchange('POST')
  for (const piece of ['ab', Buffer.alloc(3), null]) chunked.push(piece)
  assert.equal(requestBodySize(chunked), 5)
  const [broken] = exchange('POST', { 'content-length': '100' })
  broken.push('ab')
  assert.equal(requestBodySize(broken), 2)
  broken.complete = true
  assert.equal(requestBodySize(broken), 100)
})
