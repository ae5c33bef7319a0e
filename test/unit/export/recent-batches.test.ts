import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentBatches } from '../../../src/export/recent-batches.ts'

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)

test('the last batches are kept up to the limit, and are copies', () => {
  const recent = new RecentBatches(100)
  const body = bytes(40, 1)
  recent.add('traces', 'protobuf', body)
  body.fill(9)
  for (const fill of [2, 3]) recent.add('traces', 'protobuf', bytes(40, fill))
  const seen: number[] = []
  recent.subscribe(({ body: kept }) => seen.push(kept[0] ?? -1))
  assert.deepEqual(seen, [2, 3])
  assert.equal(recent.keptBytes, 80)
})

test('a batch above the limit reaches those who watch, and is not kept', () => {
  const recent = new RecentBatches(10)
  recent.add('logs', 'json', bytes(11, 1))
  const seen: number[] = []
  const unsubscribe = recent.subscribe(({ body }) => seen.push(body.byteLength))
  recent.add('logs', 'json', bytes(12, 1))
  unsubscribe()
  recent.add('logs', 'json', bytes(13, 1))
  assert.deepEqual(seen, [12])
  assert.equal(recent.keptBytes, 0)
  assert.equal(recent.isWatched, false)
})
