import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentBatches } from '../../../src/export/recent-batches.ts'
import { splitBody } from '../../../src/export/split-body.ts'

const bytes = (length: number, fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill)
const text = (value: unknown): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(JSON.stringify(value)))

test('the last batches are kept up to the limit, and are copies', () => {
  const recent = new RecentBatches(100, splitBody)
  const body = bytes(40, 1)
  recent.add('traces', 'grpc', body, 1)
  body.fill(9)
  for (const fill of [2, 3]) recent.add('traces', 'grpc', bytes(40, fill), 1)
  const seen: number[] = []
  recent.subscribe(({ body: kept }) => seen.push(kept[0] ?? -1))
  assert.deepEqual(seen, [2, 3])
  assert.equal(recent.keptBytes, 80)
})

test('an item above the limit is passed to subscribers, not retained, and counted', () => {
  const recent = new RecentBatches(10, splitBody)
  recent.add('logs', 'grpc', bytes(11, 1), 1)
  const seen: number[] = []
  const unsubscribe = recent.subscribe(({ body }) => seen.push(body.byteLength))
  recent.add('logs', 'grpc', bytes(12, 1), 1)
  unsubscribe()
  recent.add('logs', 'grpc', bytes(13, 1), 1)
  assert.deepEqual(seen, [12])
  assert.equal(recent.keptBytes, 0)
  assert.equal(recent.isWatched, false)
  assert.equal(recent.tooLarge, 3)
})

test('a large item does not exclude its neighbours in the batch', () => {
  const recent = new RecentBatches(300, splitBody)
  const spans = ['first', 'x'.repeat(1000), 'last'].map((name) => ({ name }))
  recent.add('traces', 'http/json', text({ resourceSpans: [{ scopeSpans: [{ spans }] }] }), 3)
  const seen: string[] = []
  recent.subscribe(({ body }) =>
    seen.push(
      ...(Buffer.from(body)
        .toString()
        .match(/first|last|x+/g) ?? []),
    ),
  )
  assert.deepEqual(seen, ['first', 'last'])
  assert.equal(recent.tooLarge, 1)
  assert.ok(recent.keptBytes <= 300)
})

test('without a buffer nothing is kept and nothing counts as too large', () => {
  const recent = new RecentBatches(0, splitBody)
  recent.add('traces', 'grpc', bytes(10, 1), 1)
  assert.deepEqual([recent.keptBytes, recent.tooLarge], [0, 0])
})
