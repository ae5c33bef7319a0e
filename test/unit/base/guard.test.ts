// First: the modules below take what writes to stderr when they are loaded.
import { captureStderr } from '../../support/captured-stderr.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Guard } from '../../../src/base/guard.ts'

test('a guard returns what the work returns, and undefined if it throws', (t) => {
  captureStderr(t)
  const guard = new Guard('tracing a request', 'it is served anyway')
  assert.equal(
    guard.run(() => 7),
    7,
  )
  assert.equal(
    guard.run(() => assert.fail('broken')),
    undefined,
  )
})

test('a guard logs the first exception in one line, whatever is thrown, and no other', (t) => {
  const unreadable = Object.defineProperty(new Error(), 'message', { get: () => assert.fail() })
  for (const [thrown, reason] of [
    [new Error('of\nours'), 'of ours'],
    [undefined, 'undefined'],
    [unreadable, 'unreadable error'],
  ] as const) {
    const lines = captureStderr(t)
    const guard = new Guard('tracing a request', 'it is served anyway')
    for (let times = 0; times < 3; times++) {
      guard.run(() => {
        throw thrown
      })
    }
    assert.deepEqual(lines(), [`@paxx/obs: tracing a request failed (${reason}); it is served anyway\n`])
  }
})
