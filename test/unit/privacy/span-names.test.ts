import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrubName } from '../../../src/privacy/span-names.ts'

const NAMES: readonly (readonly [name: string, scrubbed: string])[] = [
  ['GET /users/:id?', 'GET /users/:id?'],
  ['GET /colou?r', 'GET /colou?r'],
  [String.raw`GET /^\/a(?=b)(?<name>x)?;$/`, String.raw`GET /^\/a(?=b)(?<name>x)?;$/`],
  ['user@example.com joins', 'user@example.com joins'],
  ['SELECT a; SELECT b', 'SELECT a; SELECT b'],
  ['query { a(b: 1)? }', 'query { a(b: 1)? }'],
  ['fetch GET http://user:word@host:1/a?token=x twice', 'fetch GET http://host:1/a twice'],
  ['fetch GET http://host/a?bare', 'fetch GET http://host/a'],
  ['GET /a?token=x&y', 'GET /a'],
  ['GET /a;sid=x/b?q=1', 'GET /a/b'],
  ['http://us@er:p@ss@host/', 'http://host/'],
  ['@scope/package is read', '@scope/package is read'],
]

for (const [name, scrubbed] of NAMES) {
  test(`the name ${name}`, () => {
    assert.equal(scrubName(name), scrubbed)
  })
}
