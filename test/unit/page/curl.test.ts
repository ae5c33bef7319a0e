import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '../../../src/page/model/spans-and-logs.ts'
import { curlOf, missingInCurl } from '../../../src/page/views/curl.ts'
import { span } from './model/spans.ts'

const HOST = { 'url.scheme': 'http', 'server.address': 'localhost', 'server.port': 3000 }

const REQUESTS: readonly (readonly [attributes: Attributes, curl: string, missing: RegExp | undefined])[] = [
  [{ 'http.request.method': 'GET', 'url.path': '/a' }, 'curl http://localhost:3000/a', undefined],
  [
    { 'http.request.method': 'GET', 'url.path': '/a', 'url.query': 'x=1&y=2' },
    "curl 'http://localhost:3000/a?x=1&y=2'",
    undefined,
  ],
  [
    { 'http.request.method': 'GET', 'url.path': '/a', 'url.query': 'x=REDACTED' },
    "curl 'http://localhost:3000/a?x=REDACTED'",
    /REDACTED.*OBS_CAPTURE=query/,
  ],
  [
    { 'http.request.method': 'POST', 'url.path': "/it's" },
    String.raw`curl -X POST 'http://localhost:3000/it'\''s'`,
    /body/,
  ],
]

for (const [attributes, curl, missing] of REQUESTS) {
  test(`a request as a command line: ${curl}`, () => {
    const request = span('a', undefined, { kind: 'server', attributes: { ...HOST, ...attributes } })
    assert.equal(curlOf(request), curl)
    if (missing === undefined) assert.equal(missingInCurl(request), undefined)
    else assert.match(missingInCurl(request) ?? '', missing)
  })
}

test('a span that is no request has no command line', () => {
  assert.equal(
    curlOf(span('a', undefined, { kind: 'client', attributes: { 'http.request.method': 'GET' } })),
    undefined,
  )
})
