import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeMember, decodeRetired, encode } from '../../../src/fleet/codec.ts'
import { ROWS_PER_STEP } from '../../../src/aggregation/rows-per-step.ts'
import type { Snapshot, SnapshotMetric } from '../../../src/aggregation/snapshot.ts'

function metricOf(rows: number, name: number, withExemplars: boolean): SnapshotMetric {
  const each = Array.from({ length: rows }, (_, i) => i)
  return {
    scope: { name: 'shop' },
    descriptor: { name: `metric ${name}`, description: '', unit: '', valueType: 1 },
    kind: 'counter',
    isObserved: false,
    boundaries: [],
    keys: each.map((i) => `[["i",${i}]]`),
    rows: each.map((i) => [1, 2, i === 0 ? NaN : i, 0]),
    exemplars: withExemplars
      ? each.map((i) => (i % 2 === 0 ? undefined : [{ value: i, timestampMs: i, traceId: 'a', spanId: 'b' }]))
      : undefined,
  }
}

const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 * ROWS_PER_STEP }), fc.boolean()), { maxLength: 8 })

test('metrics of any size are decoded as they were encoded', () => {
  fc.assert(
    fc.property(sizes, (all) => {
      const snapshot: Snapshot = all.map(([rows, withExemplars], i) => metricOf(rows, i, withExemplars))
      assert.deepEqual(decodeMember(encode({ slot: 3, snapshot })), { slot: 3, snapshot })
      const record = { retired: snapshot, included: ['1-2'] }
      assert.deepEqual(decodeRetired(encode(record)), record)
    }),
  )
})

test('bytes that were cut off anywhere are refused, or are the metrics before that', () => {
  const snapshot = [metricOf(2 * ROWS_PER_STEP, 0, false), metricOf(5, 1, true)]
  const bytes = encode({ slot: 0, snapshot })
  for (let length = 0; length < bytes.length; length++) {
    try {
      const { snapshot: found } = decodeMember(bytes.subarray(0, length))
      assert.ok(found.length < snapshot.length || (found[0]?.keys.length ?? 0) <= 2 * ROWS_PER_STEP)
    } catch (thrown) {
      assert.ok(thrown instanceof Error && !(thrown instanceof assert.AssertionError))
    }
  }
})

test('records that are not of a fleet are rejected', () => {
  for (const junk of ['', 'junk', 'GET / HTTP/1.1\r\n\r\n', '\u0001\0\0\0x', '\xff\xff\xff\xff']) {
    assert.throws(() => decodeMember(Buffer.from(junk, 'latin1')))
    assert.throws(() => decodeRetired(Buffer.from(junk, 'latin1')))
  }
  assert.throws(() => decodeMember(encode({ retired: [], included: [] })))
  assert.throws(() => decodeRetired(encode({ slot: 0, snapshot: [] })))
})
