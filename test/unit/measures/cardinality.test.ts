import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admits } from '../../../src/measures/cardinality.ts'

test('an instrument has so many series and no more, whatever the others have', () => {
  const [one, other] = [{}, {}]
  assert.deepEqual(
    ['a', 'b', 'a', 'c', 'b'].map((series) => admits(one, series, 2)),
    [true, true, true, false, true],
  )
  assert.equal(admits(other, 'c', 2), true)
})
