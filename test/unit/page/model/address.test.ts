import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashParts } from '../../../../src/page/model/address.ts'

for (const [hash, parts] of [
  ['', []],
  ['#/traces', ['traces']],
  ['#/traces/a%20b', ['traces', 'a b']],
  ['#/traces/%E0%A4%A', ['traces', '%E0%A4%A']],
] as const) {
  test(`the parts of the address ${hash}`, () => assert.deepEqual(hashParts(hash), parts))
}
