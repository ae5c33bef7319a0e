import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { RateLimitedLog } from '../../../src/export/rate-limited-log.ts'

function scene(t: TestContext): { log: RateLimitedLog; lines: string[]; pass: (ms: number) => void } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  const lines: string[] = []
  const pass = (ms: number): void => {
    now += ms
    t.mock.timers.tick(ms)
  }
  return { log: new RateLimitedLog((line) => lines.push(line)), lines, pass }
}

test('the first line is logged at once, later ones after a minute: the newest, with the total count', (t) => {
  const { log, lines, pass } = scene(t)
  log.write('a', (count) => `first ${count}`, 1)
  for (const [line, count] of [
    ['second', 2],
    ['third', 3],
  ] as const)
    log.write('a', (sum) => `${line} ${sum}`, count)
  assert.deepEqual(lines, ['first 1'])
  pass(60_000)
  assert.deepEqual(lines, ['first 1', 'third 5'])
  log.write('a', (count) => `fourth ${count}`, 4)
  log.flush()
  assert.deepEqual(lines, ['first 1', 'third 5', 'fourth 4'])
  log.flush()
  pass(120_000)
  assert.equal(lines.length, 3)
})

test('pending lines of different kinds are kept apart, and written as one line', (t) => {
  const { log, lines, pass } = scene(t)
  log.write('a', () => 'first')
  log.write('a', (count) => `${count} dropped`, 3)
  log.write('b', (count) => `${count} failed`, 1)
  log.write('a', (count) => `${count} dropped`, 4)
  pass(60_000)
  assert.deepEqual(lines, ['first', '7 dropped; 1 failed'])
})

test('a cancelled line is not logged, and its count is returned', (t) => {
  const { log, lines, pass } = scene(t)
  log.write('a', () => 'first')
  log.write('a', () => 'second', 2)
  log.write('b', () => 'third', 3)
  assert.equal(log.cancel('a'), 2)
  assert.equal(log.cancel('a'), 0)
  pass(60_000)
  assert.deepEqual(lines, ['first', 'third'])
})
