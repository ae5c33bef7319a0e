import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setLogLevel } from '../../../src/base/diag.ts'
import { RetryingExporter } from '../../../src/export/retrying-exporter.ts'
import { Ledger } from '../../../src/export/ledger.ts'
import { Retention } from '../../../src/export/retention.ts'
import type { Attempt, Transport } from '../../../src/export/transport.ts'
import type { OtlpSettings, Signal } from '../../../src/settings/settings.ts'

setLogLevel('none')

/** Resolves once everything that the doubles answered has been handled: they answer at once. */
const answered = (): Promise<void> => setImmediate()

const SETTINGS = { endpoint: 'http://c:4317', protocol: 'grpc', timeoutMs: 1000 } as OtlpSettings
const AWAY: Attempt = { status: 'retryable', reason: 'away' }
const OK: Attempt = { status: 'success' }

interface Scene {
  readonly ledger: Ledger
  readonly retention: Retention
  readonly sent: number[]
  exporter(signal: Signal, answers: (body: number) => Attempt, createTransport?: () => Transport): RetryingExporter
  take(exporter: RetryingExporter, signal: Signal, body: number, bytes?: number): void
}

/** A batch's first byte is its name. */
function scene(maxBytes = 1000): Scene {
  const ledger = new Ledger()
  const retention = new Retention(ledger, maxBytes)
  const sent: number[] = []
  return {
    ledger,
    retention,
    sent,
    exporter(signal, answers, createTransport) {
      const transport: Transport = {
        async send(body) {
          sent.push(body[0] ?? 0)
          return answers(body[0] ?? 0)
        },
      }
      return new RetryingExporter({
        signal,
        settings: SETTINGS,
        createTransport: createTransport ?? (() => transport),
        ledger,
        retention,
        maxExportBytes: 1_000_000,
      })
    },
    take(exporter, signal, name, bytes = 10) {
      const body = new Uint8Array(bytes).fill(name)
      const batch = { route: signal, body, items: 1 }
      ledger.accept(batch)
      exporter.take(batch)
    },
  }
}

test('batches that fail together are retried in order, and count as one failure', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let away = true
  const { ledger, sent, exporter, take } = scene()
  const traces = exporter('traces', () => (away ? AWAY : OK))
  for (const name of [1, 2, 3]) take(traces, 'traces', name)
  await answered()
  assert.deepEqual(sent, [1, 2, 3])
  away = false
  // One failed round: the first backoff, which is half a second.
  t.mock.timers.tick(500)
  await answered()
  assert.deepEqual(sent, [1, 2, 3, 1, 2, 3])
  assert.equal(ledger.counted('traces', 'exported'), 3)
})

test("however long an outage was, the first attempt after the collector's return follows within 5 s", async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let away = true
  const { ledger, sent, exporter, take } = scene()
  take(
    exporter('traces', () => (away ? AWAY : OK)),
    'traces',
    1,
  )
  await answered()
  for (let rounds = 1; rounds < 50; rounds++) {
    assert.equal(sent.length, rounds)
    t.mock.timers.tick(5000)
    await answered()
  }
  away = false
  t.mock.timers.tick(5000)
  await answered()
  assert.equal(ledger.counted('traces', 'exported'), 1)
})

test('above the limit the oldest batch is dropped first, whatever its signal', async () => {
  const { ledger, retention, exporter, take } = scene(25)
  const [logs, traces] = [exporter('logs', () => AWAY), exporter('traces', () => AWAY)]
  take(logs, 'logs', 1)
  take(traces, 'traces', 2)
  await answered()
  take(traces, 'traces', 3)
  assert.deepEqual([ledger.lost('logs'), ledger.lost('traces')], [1, 0])
  assert.ok(ledger.retainedBytes <= retention.maxBytes)
})

test('a transport that cannot be created, or that rejects, is tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let attempts = 0
  const { ledger, exporter, take } = scene()
  const transport: Transport = {
    async send() {
      if (attempts++ === 1) throw new Error('gzip failed')
      return OK
    },
  }
  const traces = exporter(
    'traces',
    () => OK,
    () => {
      if (attempts++ === 0) throw new Error('no certificate')
      return transport
    },
  )
  take(traces, 'traces', 1)
  for (const backoffMs of [500, 1000]) {
    await answered()
    t.mock.timers.tick(backoffMs)
  }
  await answered()
  assert.equal(ledger.counted('traces', 'exported'), 1)
})

test('at the end an unreachable collector is not awaited, and a process that continues retries again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  let attempt: Attempt = { status: 'retryable', reason: 'ECONNREFUSED', refused: true }
  const { ledger, exporter, take } = scene()
  const traces = exporter('traces', () => attempt)
  take(traces, 'traces', 1)
  await answered()
  traces.end({ endsAtMs: Date.now() + 100 })
  await answered()
  assert.deepEqual([ledger.pending, ledger.counted('traces', 'failed')], [0, 1])
  t.mock.timers.tick(110)
  take(traces, 'traces', 2)
  await answered()
  assert.equal(ledger.pending, 1)
  attempt = OK
  t.mock.timers.tick(1000)
  await answered()
  assert.equal(ledger.pending, 0)
})

test('a partial success is counted by accepted and rejected items', async () => {
  const { ledger, exporter, take } = scene()
  const traces = exporter('traces', () => ({ status: 'success', partial: { rejected: 5, message: 'old' } }))
  take(traces, 'traces', 1)
  await answered()
  assert.deepEqual([ledger.counted('traces', 'exported'), ledger.counted('traces', 'rejected')], [0, 1])
})

const WRITTEN: Attempt = { status: 'success', isWritten: true }
const FREED: readonly (readonly [what: string, ownsBodies: boolean, attempts: readonly Attempt[], isFreed: boolean])[] =
  [
    ['exported and written', true, [WRITTEN], true],
    ['answered before all of it was written', true, [OK], false],
    ['exported by a later attempt, while the first may still hold it', true, [AWAY, WRITTEN], false],
    ['shared with the thread that made it', false, [WRITTEN], false],
  ]
for (const [what, ownsBodies, attempts, isFreed] of FREED) {
  test(`the memory of a batch that is ${what} is ${isFreed ? 'freed at once' : 'left'}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const ledger = new Ledger()
    const left = [...attempts]
    const exporter = new RetryingExporter({
      signal: 'traces',
      settings: SETTINGS,
      createTransport: () => ({ send: async () => left.shift() ?? OK }),
      ledger,
      retention: new Retention(ledger, 1000),
      maxExportBytes: 1_000_000,
      ownsBodies,
    })
    const batch = { route: 'traces', body: new Uint8Array(10).fill(1), items: 1 } as const
    ledger.accept(batch)
    exporter.take(batch)
    await answered()
    t.mock.timers.tick(500)
    await answered()
    assert.equal(ledger.counted('traces', 'exported'), 1)
    assert.equal(ledger.retainedBytes, 0)
    assert.equal(batch.body.byteLength, isFreed ? 0 : 10)
  })
}
