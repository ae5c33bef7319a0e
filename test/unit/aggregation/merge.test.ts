import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeRetired, encode } from '../../../src/fleet/codec.ts'
import { merge } from '../../../src/aggregation/merge.ts'
import { COUNTS, VALUE } from '../../../src/aggregation/rows.ts'
import { superseded, withRetired } from '../../../src/aggregation/retired.ts'
import type { Snapshot } from '../../../src/aggregation/snapshot.ts'
import { anySnapshot, content } from '../../support/metric-snapshots.ts'

const several = fc.array(anySnapshot, { minLength: 1, maxLength: 6 })

test('the order of merging does not matter', () => {
  fc.assert(
    fc.property(several, fc.infiniteStream(fc.nat()), (snapshots, random) => {
      const shuffled = snapshots
        .map((snapshot) => ({ snapshot, at: random.next().value }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ snapshot }) => snapshot)
      assert.deepEqual(content(merge(...shuffled)), content(merge(...snapshots)))
    }),
  )
})

test('the grouping of merges does not matter', () => {
  fc.assert(
    fc.property(several, fc.nat(6), (snapshots, at) => {
      const left = merge(...snapshots.slice(0, at))
      const right = merge(...snapshots.slice(at))
      assert.deepEqual(content(merge(left, right)), content(merge(...snapshots)))
    }),
  )
})

test('merging does not change its inputs, and encoded snapshots decode to the same values', () => {
  fc.assert(
    fc.property(anySnapshot, anySnapshot, (a, b) => {
      const before = structuredClone([a, b])
      const merged = merge(a, b)
      assert.deepEqual([a, b], before)
      const record = { retired: merged, included: ['1-2'] }
      assert.deepEqual(decodeRetired(encode(record)), record)
    }),
  )
})

/** By metric and key, what a scraper may not see going back. */
function counts(snapshot: Snapshot): Map<string, number> {
  const found = new Map<string, number>()
  for (const { descriptor, kind, keys, rows } of snapshot) {
    if (kind === 'gauge' || kind === 'up-down') continue
    for (const [i, key] of keys.entries()) {
      const row = rows[i] ?? []
      found.set(`${descriptor.name} sum ${key}`, row[VALUE] ?? 0)
      if (kind === 'histogram')
        found.set(
          `${descriptor.name} count ${key}`,
          row.slice(COUNTS).reduce((a, b) => a + b, 0),
        )
    }
  }
  return found
}

/** A process that goes on counting. */
function grown(snapshot: Snapshot, by: number): Snapshot {
  return snapshot.map((metric) => ({
    ...metric,
    rows: metric.rows.map((row) =>
      row.map((value, i) => (i === 2 || (i > 5 && metric.kind === 'histogram') ? value + by : value)),
    ),
  }))
}

test('counts never go back over any sequence of growth, joins, ends and takeovers', () => {
  const step = fc.record({
    what: fc.constantFrom('grow', 'join', 'end', 'takeover'),
    who: fc.nat(),
    by: fc.integer({ min: 0, max: 1000 }),
    joins: anySnapshot,
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const live = new Map<number, Snapshot>()
      let retired: Snapshot = []
      let next = 0
      let served = new Map<string, number>()
      for (const { what, who, by, joins } of steps) {
        const id = [...live.keys()].at(who % Math.max(live.size, 1))
        if (what === 'join') live.set(next++, merge(joins))
        if (id !== undefined && what === 'grow') live.set(id, grown(live.get(id) ?? [], by))
        if (id !== undefined && what === 'end') {
          retired = withRetired(retired, live.get(id) ?? [])
          live.delete(id)
        }
        // The successor has them from a file, and the members answer in another order.
        if (what === 'takeover') {
          retired = decodeRetired(encode({ retired, included: [] })).retired
          for (const [member, snapshot] of [...live].toReversed()) {
            live.delete(member)
            live.set(member, snapshot)
          }
        }
        const now = counts(merge(retired, ...live.values()))
        for (const [series, value] of served) assert.ok((now.get(series) ?? -1) >= value, `${series} after ${what}`)
        served = now
      }
    }),
  )
})

const counter = (name: string, values: Record<string, number>): Snapshot => [
  {
    scope: { name: 'shop' },
    descriptor: { name, description: '', unit: '', valueType: 1 },
    kind: 'counter',
    isObserved: false,
    boundaries: [],
    keys: Object.keys(values),
    rows: Object.values(values).map((value) => [0, 1, value, 0]),
    exemplars: undefined,
  },
]

test('ended members are kept up to a limit; beyond it their counts are kept', () => {
  let retired: Snapshot = []
  for (let process = 0; process < 5; process++) {
    const values = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`[["id","${process}-${i}"]]`, 1]))
    retired = withRetired(retired, counter('requests', values))
  }
  const [metric] = retired
  assert.equal(metric?.keys.length, 2001)
  const total = metric?.rows.reduce((sum, row) => sum + (row[VALUE] ?? 0), 0)
  assert.equal(total, 5000)
})

test('the final snapshot of a member keeps metrics that only an earlier one had', () => {
  const earlier = [...counter('requests', { '[]': 1, '[["a",1]]': 2 }), ...counter('asynchronous', { '[]': 3 })]
  const later = counter('requests', { '[]': 5 })
  const found = merge(superseded(earlier, later)).map(({ descriptor, keys, rows }) => [
    descriptor.name,
    keys,
    rows.map((row) => row[VALUE]),
  ])
  assert.deepEqual(found, [
    ['requests', ['[]', '[["a",1]]'], [5, 2]],
    ['asynchronous', ['[]'], [3]],
  ])
})
