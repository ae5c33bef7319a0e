import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import { toClassicBuckets, toNative } from '../../../../src/sideport/exposition/exponential.ts'

const NONE = { offset: 0, bucketCounts: [] }

function histogram(fields: Partial<ExponentialHistogram>): ExponentialHistogram {
  return { count: 0, sum: 0, scale: 0, zeroCount: 0, positive: NONE, negative: NONE, ...fields }
}

test("the specification's example of a native histogram", () => {
  const native = toNative(histogram({ positive: { offset: 3, bucketCounts: [10, 0, 0, 20, 5, 2] } }))
  assert.deepEqual(native?.positive, {
    spans: [
      { offset: 4, length: 1 },
      { offset: 2, length: 3 },
    ],
    deltas: [10, 10, -15, -3],
  })
  assert.deepEqual(native?.negative, { spans: [], deltas: [] })
})

test('a scale finer than Prometheus supports is reduced, a coarser one is omitted', () => {
  const fine = toNative(histogram({ scale: 10, positive: { offset: -3, bucketCounts: [1, 2, 3, 4, 5] } }))
  // Four neighbours become one: indexes -3..-1 → -1, 0..1 → 0; upper-bound indexes are one more.
  assert.deepEqual([fine?.schema, fine?.positive], [8, { spans: [{ offset: 0, length: 2 }], deltas: [6, 3] }])
  assert.equal(toNative(histogram({ scale: -5 })), undefined)
  assert.equal(toNative(histogram({ scale: -4 }))?.schema, -4)
})

const CLASSIC: [title: string, fields: Partial<ExponentialHistogram>, boundaries: number[], counts: number[]][] = [
  ['empty', {}, [], [0]],
  ['zeros only', { zeroCount: 3 }, [0], [3, 0]],
  ['scale 0', { positive: { offset: 0, bucketCounts: [1, 2] } }, [2, 4], [1, 2, 0]],
  // Half-powers: (1,√2] and (√2,2] are both up to 2.
  ['finer', { scale: 1, positive: { offset: 0, bucketCounts: [1, 2, 4] } }, [2, 4], [3, 4, 0]],
  ['gap', { positive: { offset: -2, bucketCounts: [1, 0, 1] } }, [0.5, 1, 2], [1, 0, 1, 0]],
  [
    'both sides',
    { zeroCount: 1, positive: { offset: 0, bucketCounts: [2] }, negative: { offset: 0, bucketCounts: [4, 8] } },
    [-2, -1, 0, 2],
    [8, 4, 1, 2, 0],
  ],
  ['beyond double', { positive: { offset: 1022, bucketCounts: [1, 5] } }, [2 ** 1023], [1, 5]],
]

for (const [title, fields, boundaries, counts] of CLASSIC) {
  test(`classic buckets: ${title}`, () => {
    assert.deepEqual(toClassicBuckets(histogram(fields)), { boundaries, counts })
  })
}

test('classic buckets are few and ascending, and no count is lost, whatever the range', () => {
  const bucketCounts = Array.from({ length: 160 }, (_, i) => i % 3)
  for (const scale of [-10, -4, 0, 3, 8, 20]) {
    for (const offset of [-2000, -160, -1, 0, 1, 900]) {
      const { boundaries, counts } = toClassicBuckets(histogram({ scale, positive: { offset, bucketCounts } }))
      assert.ok(boundaries.length <= 41)
      assert.ok(boundaries.every((bound, i) => i === 0 || bound > (boundaries[i - 1] ?? NaN)))
      const sum = counts.reduce((a, b) => a + b, 0)
      assert.equal(
        sum,
        bucketCounts.reduce((a, b) => a + b, 0),
      )
      assert.equal(counts.length, boundaries.length + 1)
    }
  }
})
