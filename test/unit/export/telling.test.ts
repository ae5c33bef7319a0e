import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Telling } from '../../../src/export/telling.ts'

test('the first line is said at once, of the others the newest when a minute is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  const said: string[] = []
  const telling = new Telling((line) => said.push(line))
  assert.equal(
    telling.say(() => 'first'),
    true,
  )
  for (const line of ['second', 'third'])
    assert.equal(
      telling.say(() => line),
      false,
    )
  assert.deepEqual(said, ['first'])
  now += 60_000
  t.mock.timers.tick(60_000)
  assert.deepEqual(said, ['first', 'third'])
  telling.say(() => 'fourth')
  telling.flush()
  assert.deepEqual(said, ['first', 'third', 'fourth'])
  telling.flush()
  assert.equal(said.length, 3)
})

test('what is cancelled is not said', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const said: string[] = []
  const telling = new Telling((line) => said.push(line))
  telling.say(() => 'first')
  telling.say(() => 'second')
  telling.cancel()
  t.mock.timers.tick(120_000)
  assert.deepEqual(said, ['first'])
})
