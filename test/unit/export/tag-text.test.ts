import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tagText } from '../../../src/export/tag-text.ts'

const TEXTS: readonly (readonly [value: unknown, text: string])[] = [
  ['a', 'a'],
  [1.5, '1.5'],
  [true, 'true'],
  [null, 'null'],
  [['a', 'b'], 'a,b'],
  [new Uint8Array([1, 2]), '1,2'],
  [{ a: { b: 1 } }, '{"a":{"b":1}}'],
  [{ toString: 'a' }, '{"toString":"a"}'],
  [Object.create(null), '{}'],
  [['a', [{ valueOf: 1, toString: 2 }]], '["a",[{"valueOf":1,"toString":2}]]'],
]

for (const [value, text] of TEXTS) {
  test(`as a tag: ${text}`, () => assert.equal(tagText(value), text))
}
