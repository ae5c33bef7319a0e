import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Batcher } from '../../../src/export/batcher.ts'
import { CollectingEncoder, type Serialize } from '../../../src/export/collecting-encoder.ts'
import { WorkerExportClient } from '../../../src/export/worker-export-client.ts'
import { Ledger } from '../../../src/export/ledger.ts'
import { ThreadExportClient } from '../../../src/export/thread-export-client.ts'

const BOUNDS = { maxExportBytes: 1_000_000, maxRetainedBytes: 1_000_000 }
const BATCH = { scheduleDelayMs: 60_000, exportTimeoutMs: 30_000, maxQueueSize: 4, maxExportBatchSize: 2 }

const FAILING: readonly { readonly label: string; readonly serialize: Serialize<number> }[] = [
  {
    label: 'throws',
    serialize: () => {
      throw new Error('no bytes')
    },
  },
  { label: 'gives nothing', serialize: () => undefined },
]

for (const { label, serialize } of FAILING) {
  test(`a serializer that ${label} loses only the batch, which is counted`, () => {
    const exportClient = new WorkerExportClient({
      settingsByRoute: {},
      maxRetainedBytes: 1,
      maxExportBytes: 1,
      exitFlushTimeoutMs: 0,
      logLevel: 'none',
    })
    const batcher = new Batcher('traces', BATCH, () => new CollectingEncoder(serialize), exportClient, BOUNDS)
    for (let item = 0; item < 6; item++) batcher.add(item)
    batcher.drain()
    assert.equal(exportClient.ledger.counted('traces', 'failed'), 4)
    assert.equal(exportClient.ledger.counted('traces', 'queue_full'), 2)
    assert.equal(exportClient.ledger.pending, 0)
  })
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('held batches are exported when the promise settles, when the queue is half full, and at the end', async () => {
  const sent: number[][] = []
  const serialize: Serialize<number> = (items) => void sent.push(items)
  const exportClient = new WorkerExportClient({
    settingsByRoute: {},
    maxRetainedBytes: 1,
    maxExportBytes: 1,
    exitFlushTimeoutMs: 0,
    logLevel: 'none',
  })
  const held = (): { batcher: Batcher<number>; settle: () => void } => {
    const batcher = new Batcher(
      'traces',
      { ...BATCH, maxQueueSize: 8 },
      () => new CollectingEncoder(serialize),
      exportClient,
      BOUNDS,
    )
    const settled: { now?: () => void } = {}
    void batcher.holdUntil(new Promise((resolve) => (settled.now = resolve)))
    return { batcher, settle: () => settled.now?.() }
  }
  const first = held()
  for (const item of [1, 2, 3]) first.batcher.add(item)
  await turn()
  assert.deepEqual(sent, [])
  first.settle()
  await turn()
  assert.deepEqual(sent.splice(0), [[1, 2]])
  const second = held()
  for (const item of [1, 2, 3, 4]) second.batcher.add(item)
  await turn()
  assert.deepEqual(sent.splice(0), [
    [1, 2],
    [3, 4],
  ])
  const third = held()
  third.batcher.add(1)
  third.batcher.drain()
  assert.deepEqual(sent, [[1]])
})

test('a batch is closed before it exceeds the limit of one request, and the queue is bounded in bytes', async () => {
  const sent: number[] = []
  const serialize: Serialize<{ name: string }> = (items) => {
    sent.push(items.length)
    return new Uint8Array(items.reduce((sum, { name }) => sum + name.length, 0))
  }
  const exportClient = new ThreadExportClient({ ledger: new Ledger().buffer, post: () => {} })
  const settings = { ...BATCH, maxQueueSize: 10_000, maxExportBatchSize: 1000 }
  const bounds = { maxExportBytes: 10_000, maxRetainedBytes: 30_000 }
  const batcher = new Batcher('traces', settings, () => new CollectingEncoder(serialize), exportClient, bounds)
  for (let item = 0; item < 100; item++) batcher.add({ name: 'x'.repeat(1000) })
  const dropped = exportClient.ledger.counted('traces', 'queue_full')
  batcher.drain()
  assert.ok(sent.length > 1 && sent.every((items) => items * 1000 <= 10_000), String(sent))
  assert.ok(sent.reduce((sum, items) => sum + items, 0) * 1000 <= 31_000, String(sent))
  assert.equal(sent.reduce((sum, items) => sum + items, 0) + dropped, 100)
})

test('child spans leave room for the spans they are part of', () => {
  const exportClient = new ThreadExportClient({ ledger: new Ledger().buffer, post: () => {} })
  const settings = { ...BATCH, maxQueueSize: 32, maxExportBatchSize: 100 }
  const batcher = new Batcher<number>(
    'traces',
    settings,
    () => new CollectingEncoder(() => undefined),
    exportClient,
    BOUNDS,
  )
  for (let item = 0; item < 100; item++) batcher.add(item, true)
  assert.equal(batcher.size, 30)
  for (let item = 0; item < 3; item++) batcher.add(item)
  assert.equal(batcher.size, 32)
  assert.equal(exportClient.ledger.counted('traces', 'queue_full'), 71)
})
