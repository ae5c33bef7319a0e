import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from '../../../src/export/ledger.ts'

const batch = (items: number, byteLength: number) => ({ route: 'traces' as const, items, body: { byteLength } })

test('a batch is pending until it is settled, and then counted by its outcome', () => {
  const ledger = new Ledger()
  ledger.accept(batch(5, 100))
  ledger.accept(batch(2, 10))
  assert.deepEqual([ledger.pending, ledger.pendingItems('traces'), ledger.retainedBytes], [2, 7, 110])
  ledger.settle(batch(5, 100), 'exported', 2)
  ledger.settle(batch(2, 10), 'retained_full')
  assert.deepEqual([ledger.pending, ledger.pendingItems('traces'), ledger.retainedBytes], [0, 0, 0])
  assert.deepEqual([ledger.counted('traces', 'exported'), ledger.lost('traces')], [3, 4])
  assert.ok(Math.abs(ledger.lastSuccessS('traces') - Date.now() / 1000) < 2)
  assert.equal(ledger.lastSuccessS('logs'), 0)
})

test('items of a worker that exited are counted as dropped, and not awaited', async () => {
  const ledger = new Ledger()
  ledger.accept(batch(5, 100))
  const settled = ledger.untilSettled(5000)
  assert.equal(ledger.abandon(), 5)
  assert.equal(await settled, true)
  assert.equal(ledger.counted('traces', 'no_worker'), 5)
  assert.equal(ledger.retainedBytes, 0)
})

test('both threads see the same figures', () => {
  const ledger = new Ledger()
  new Ledger(ledger.buffer).count('logs', 'rejected', 3)
  assert.equal(ledger.counted('logs', 'rejected'), 3)
})

test('a wait ends at its timeout', () => {
  const ledger = new Ledger()
  ledger.accept(batch(1, 1))
  assert.equal(ledger.waitUntilSettled(20), false)
})
