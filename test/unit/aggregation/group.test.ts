import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Group } from '../../../src/aggregation/group.ts'
import type { Snapshot } from '../../../src/aggregation/snapshot.ts'
import { movableClock } from '../../support/movable-clock.ts'

const OPTIONS = { label: 'process', timeoutMs: 50, everyMemberApart: false } as const

const metrics = (count: number, gauge = count): Snapshot =>
  (['counter', 'gauge', 'up-down'] as const).map((kind) => ({
    scope: { name: 'shop' },
    descriptor: { name: kind, description: '', unit: '', valueType: 1 },
    kind,
    isObserved: false,
    boundaries: [],
    keys: ['[]'],
    rows: [[0, 1, kind === 'gauge' ? gauge : count, 0]],
    exemplars: undefined,
  }))

async function values(group: Group): Promise<Record<string, number>> {
  const { snapshot } = await group.collect()
  return Object.fromEntries(
    snapshot.flatMap(({ descriptor, keys, rows }) =>
      keys.map((key, i) => [descriptor.name + key.replaceAll(/[[\]"]/g, ' ').trimEnd(), rows[i]?.[2] ?? NaN]),
    ),
  )
}

test('members are summed; gauges without a rule stay separate by slot', async () => {
  const group = new Group(OPTIONS)
  group.join(async () => metrics(1))
  group.join(async () => metrics(2))
  assert.deepEqual(await values(group), {
    counter: 3,
    'up-down': 3,
    'gauge   process , 0': 1,
    'gauge   process , 1': 2,
  })
})

test('the counts of a member are kept when it ends, and its successor reuses its slot', async () => {
  const group = new Group(OPTIONS)
  group.join(async () => metrics(1))
  const second = group.join(async () => metrics(2))
  await group.collect()
  second.leave(metrics(5))
  assert.deepEqual(await values(group), { counter: 6, 'up-down': 1, 'gauge   process , 0': 1 })
  assert.equal(group.join(async () => metrics(10)).slot, 1)
  assert.equal((await values(group))['counter'], 16)
})

test('the last known counts of a member that ends without notice are kept', async () => {
  const group = new Group(OPTIONS)
  let count = 3
  const { leave } = group.join(async () => metrics(count))
  await group.collect()
  count = 4
  leave()
  leave()
  assert.equal((await values(group))['counter'], 3)
})

test('a hung member delays by the deadline at most, and its last values are used', { timeout: 10_000 }, async () => {
  const group = new Group(OPTIONS)
  let hangs = false
  group.join(async () => metrics(1))
  group.join(() => (hangs ? new Promise(() => {}) : Promise.resolve(metrics(7))))
  assert.equal((await values(group))['counter'], 8)
  hangs = true
  const { members, missing } = await group.collect()
  assert.deepEqual([members, missing], [2, 1])
  assert.equal((await values(group))['counter'], 8)
})

test('members that respond one after the other are all included, however long it takes in total', async (t) => {
  const clock = movableClock(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const group = new Group({ ...OPTIONS, timeoutMs: 200 })
  const answers = [1, 2, 3, 4].map((count) => ({ count, given: Promise.withResolvers<Snapshot>() }))
  for (const { given } of answers) group.join(() => given.promise)
  const collection = group.collect()
  for (const { count, given } of answers) {
    await setImmediate()
    clock.advance(120)
    t.mock.timers.tick(120)
    given.resolve(metrics(count))
  }
  const { missing } = await collection
  assert.equal(missing, 0)
  assert.equal((await values(group))['counter'], 10)
})

test('a member whose connection is closed is not awaited', async () => {
  const group = new Group({ ...OPTIONS, timeoutMs: 60_000 })
  group.join(() => Promise.reject(new Error('gone')))
  assert.deepEqual(await group.collect(), { snapshot: [], members: 1, missing: 1 })
})

test('every member separately: a successor continues the counts of its predecessor', async () => {
  const group = new Group({ ...OPTIONS, everyMemberApart: true })
  group.join(async () => metrics(1))
  const second = group.join(async () => metrics(2))
  await group.collect()
  second.leave()
  group.join(async () => metrics(3))
  const found = await values(group)
  assert.deepEqual([found['counter   process , 0'], found['counter   process , 1']], [1, 5])
})
