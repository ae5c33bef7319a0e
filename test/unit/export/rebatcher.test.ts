import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from '../../../src/export/ledger.ts'
import { Rebatcher } from '../../../src/export/rebatcher.ts'

function rebatched(): { rebatcher: Rebatcher; sent: [string, number, number][] } {
  const sent: [string, number, number][] = []
  const exportClient = {
    ledger: new Ledger(),
    endsWithLoop: false,
    send: (signal: string, { byteLength }: Uint8Array, items: number) => void sent.push([signal, byteLength, items]),
    prepare: () => {},
    ask: () => {},
    trouble: () => undefined,
    endSync: () => undefined,
  }
  const batch = { scheduleDelayMs: 20, exportTimeoutMs: 0, maxQueueSize: 100, maxExportBatchSize: 5 }
  return { rebatcher: new Rebatcher(exportClient, { traces: { protocol: 'grpc', batch } }), sent }
}

const piece = (route: 'traces' | 'logs', items: number) => ({ route, items, body: new Uint8Array(items) })

test('a batch is sent when it is full, and the rest with the next drain', () => {
  const { rebatcher, sent } = rebatched()
  for (let count = 0; count < 4; count++) rebatcher.take(piece('traces', 2))
  assert.deepEqual(sent, [['traces', 6, 6]])
  rebatcher.drain()
  rebatcher.drain()
  assert.deepEqual(sent.slice(1), [['traces', 2, 2]])
})

test('after the delay it is sent as it is', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { rebatcher, sent } = rebatched()
  rebatcher.take(piece('traces', 1))
  t.mock.timers.tick(19)
  assert.deepEqual(sent, [])
  t.mock.timers.tick(1)
  assert.deepEqual(sent, [['traces', 1, 1]])
})

test('batches of a signal without an exporter are released', () => {
  const { rebatcher, sent } = rebatched()
  rebatcher.take(piece('logs', 9))
  rebatcher.drain()
  assert.deepEqual(sent, [])
})
