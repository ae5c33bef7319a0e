import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainHeaders } from '../../../../src/instrumentation/http/plain-headers.ts'

const HOST = ['Host', 'shop.test:8080', 'User-Agent', 'bench/1.0', 'Accept', '*/*', 'X-Request-Id', '7']

test('headers of which only host and agent are read are read without parsing', () => {
  assert.deepEqual(plainHeaders(HOST), { host: 'shop.test:8080', 'user-agent': 'bench/1.0' })
  assert.deepEqual(plainHeaders(['HOST', 'a', 'uSER-aGENT', 'b']), { host: 'a', 'user-agent': 'b' })
  assert.deepEqual(plainHeaders([]), { host: undefined, 'user-agent': undefined })
})

const READ = [
  'traceparent',
  'Tracestate',
  'BAGGAGE',
  'Forwarded',
  'X-Forwarded-Host',
  'x-forwarded-for',
  'Content-Length',
  'Transfer-Encoding',
  // Whether the first or all of them count is up to Node.js.
  'host',
  'user-agent',
]
for (const name of READ) {
  test(`${name} after the others leaves the headers to Node.js`, () => {
    assert.equal(plainHeaders([...HOST, name, '1']), undefined)
  })
}
