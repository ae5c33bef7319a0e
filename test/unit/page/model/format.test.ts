import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../../../src/page/model/format.ts'
import { nameOf } from '../../../../src/page/model/spans-and-logs.ts'

const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
  [0, '0 µs'],
  [0.25, '250 µs'],
  [1, '1.00 ms'],
  [999, '999 ms'],
  [1500, '1.50 s'],
  [90_000, '1.50 min'],
  [5_400_000, '1.50 h'],
  [129_600_000, '1.50 d'],
  [NaN, '–'],
]

for (const [ms, text] of DURATIONS) {
  test(`${ms} ms is shown as ${text}`, () => assert.equal(duration(ms), text))
}

test('a span without a name has a text that can be seen and chosen', () => {
  assert.deepEqual([nameOf({ name: ' ' }), nameOf({ name: 'GET' })], ['(no name)', 'GET'])
})
