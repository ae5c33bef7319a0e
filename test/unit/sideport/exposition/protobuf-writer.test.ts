import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProtobufWriter } from '../../../../src/sideport/exposition/protobuf-writer.ts'
import { fields } from '../../../../src/export/protobuf-fields.ts'

/** The value, and what is written of it as a varint. */
const ROWS: readonly (readonly [value: number, written: number])[] = [
  [0, 0],
  [-0, 0],
  [127, 127],
  [128, 128],
  [2 ** 53 - 1, 2 ** 53 - 1],
  [2 ** 53 + 2, 2 ** 53 - 1],
  [1e308, 2 ** 53 - 1],
  [Infinity, 2 ** 53 - 1],
  [NaN, 0],
  [-1, 0],
  [-Infinity, 0],
]

for (const [value, written] of ROWS) {
  test(`${value} as a varint: ${written}`, () => {
    const writer = createProtobufWriter()
    writer.varint(1, value)
    writer.zigzag(2, value)
    writer.varint(3, 1)
    const found = fields(writer.take())
    assert.deepEqual(
      found.map(({ field }) => field),
      [1, 2, 3],
    )
    assert.equal(found[0]?.number, written)
  })
}
