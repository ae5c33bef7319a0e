import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sanitizeJsonQuery } from '../../../src/privacy/json-query.ts'

const QUERIES: readonly (readonly [query: string, sanitized: string])[] = [
  ['{"query":{"match":{"name":"Ann"}}}', '{"query":{"match":{"name":"?"}}}'],
  ['{ "size" : 10, "from":-1.5e+3, "x":[true,null] }', '{ "size" : "?", "from":"?", "x":["?","?"] }'],
  ['{"a":"say \\"hi\\": now"}', '{"a":"?"}'],
  ['{"a\\"b":"c"}', '{"a\\"b":"?"}'],
  ['{"a":"cut o', '{"a":"?"'],
  ['{"a":"cut \\', '{"a":"?"'],
  ['{"a":"line\\\nbreak"}', '{"a":"?"}'],
  ['', ''],
]

for (const [query, sanitized] of QUERIES) {
  test(`${query} becomes ${sanitized}`, () => {
    assert.equal(sanitizeJsonQuery(query), sanitized)
    assert.equal(sanitizeJsonQuery(sanitized), sanitized)
  })
}
