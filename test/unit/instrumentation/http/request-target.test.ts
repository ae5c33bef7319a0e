import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainTarget } from '../../../../src/instrumentation/http/request-target.ts'

/** Characters and pairs of them that mean something to a parser of URLs, and others. */
const PIECES = [...(String.raw`/?#.%:@\[]{}|^~!$&'()*+,;=-_"<> ` + '`')].concat([
  '//',
  '/.',
  '/..',
  '%2e',
  '/%2E',
  '%2f',
  'a',
  'Z',
  '7',
  'users',
  'ä',
  '\t',
  '\n',
  '\0',
  '\u{1f600}',
  '\ud800',
])

test('a target without special characters is parsed as by the URL parser', () => {
  let plain = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }), (pieces) => {
      const url = `/${pieces.join('')}`
      const target = plainTarget(url)
      if (target === undefined) return
      plain += 1
      const { pathname, search } = new URL(url, 'http://localhost')
      assert.deepEqual(target, { pathname, search })
    }),
    { numRuns: 20_000 },
  )
  assert.ok(plain > 1000, `${plain}`)
})

for (const url of ['/', '/users/7', '/users/7?q=a%20b&c=[1]', '/a.b/c..d/', '/search?', "/it's"]) {
  test(`${url} needs no parser`, () => assert.notEqual(plainTarget(url), undefined))
}

for (const url of [undefined, '', '*', 'example.com:443', 'http://localhost/', '//host/path', '/a/../b', '/a b']) {
  test(`${url} is left to the parser`, () => assert.equal(plainTarget(url), undefined))
}
