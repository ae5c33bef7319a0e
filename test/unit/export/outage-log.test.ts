// First: the modules below take what writes to stderr when they are loaded.
import { captureStderr } from '../../support/captured-stderr.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutageLog } from '../../../src/export/outage-log.ts'
import type { OtlpSettings } from '../../../src/settings/settings.ts'
import { movableClock } from '../../support/movable-clock.ts'

const SETTINGS = { endpoint: 'http://c:4317', protocol: 'grpc' } as OtlpSettings
const MINUTE_MS = 60_000

test('a changed reason is logged within a minute, the same one with other numbers never', (t) => {
  const clock = movableClock(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pass = (ms: number): void => {
    clock.advance(ms)
    t.mock.timers.tick(ms)
  }
  const lines = captureStderr(t)
  const troubles: (string | undefined)[] = []
  const log = new OutageLog('traces', SETTINGS, 2 ** 25, (trouble) => troubles.push(trouble))
  log.failed('connect ECONNREFUSED 127.0.0.1:4317', 'buffered')
  log.failed('connect ECONNREFUSED 127.0.0.1:4318', 'buffered')
  log.failed('timed out after 10000 ms', 'buffered')
  assert.equal(lines().length, 1)
  assert.match(lines()[0] ?? '', /failed \(connect ECONNREFUSED .*; nothing listens there\); buffering up to 32 MiB/)
  pass(MINUTE_MS)
  assert.equal(lines().length, 2)
  assert.match(
    lines()[1] ?? '',
    /traces: export to http:\/\/c:4317 still failing, now \(timed out after 10000 ms; it is/,
  )
  assert.deepEqual(
    troubles.map((trouble) => trouble?.split(';')[0]),
    ['connect ECONNREFUSED 127.0.0.1:4317', 'timed out after 10000 ms'],
  )
  log.succeeded(undefined)
  assert.match(lines().at(-1) ?? '', /recovered\n$/)
  assert.equal(troubles.at(-1), undefined)
})

test('a reason that changed just before the collector recovered is not logged', (t) => {
  const clock = movableClock(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines = captureStderr(t)
  const log = new OutageLog('logs', SETTINGS, 2 ** 25)
  log.failed('connect ECONNREFUSED', 'buffered')
  log.failed('socket hang up', 'buffered')
  log.succeeded(undefined)
  clock.advance(2 * MINUTE_MS)
  t.mock.timers.tick(2 * MINUTE_MS)
  assert.deepEqual(
    lines().map((line) => /failed|recovered/.exec(line)?.[0]),
    ['failed', 'recovered'],
  )
})

test('the line about dropped items, and the one about the recovery, say why they were dropped', (t) => {
  const clock = movableClock(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines = captureStderr(t)
  const log = new OutageLog('traces', SETTINGS, 2 ** 25)
  log.failed('connect ECONNREFUSED', 'buffered')
  log.failed('UNAUTHENTICATED: no token', 'dropped')
  log.dropped(3, 'failed')
  clock.advance(MINUTE_MS)
  t.mock.timers.tick(MINUTE_MS)
  assert.match(lines()[1] ?? '', /still failing, now \(UNAUTHENTICATED: no token; .*\); not retried, dropping; /)
  assert.match(lines()[1] ?? '', /3 spans dropped, export to http:\/\/c:4317 failed \(UNAUTHENTICATED: no token\)/)
  log.dropped(2, 'failed')
  log.dropped(5, 'buffer full')
  log.succeeded(undefined)
  assert.match(
    lines().at(-1) ?? '',
    /recovered; 7 spans dropped meanwhile \(the buffer is full: 32 MiB, OBS_MAX_RETAINED_BYTES\)/,
  )
})
