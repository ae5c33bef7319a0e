import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runAtOnce, runSliced, type SlicedTask } from '../../../src/sdk/sliced-task.ts'

function* pieces(count: number, pieceMs: number): SlicedTask<string> {
  for (let i = 0; i < count; i++) {
    const endMs = performance.now() + pieceMs
    while (performance.now() < endMs);
    yield
  }
  return 'done'
}

test('the event loop turns between the slices of a task, and between concurrent tasks', async () => {
  const working = Promise.all([runSliced(pieces(100, 0.3)), runSliced(pieces(100, 0.3))])
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  assert.deepEqual(await working, ['done', 'done'])
  clearInterval(timer)
  // 60 ms of work, at most 2.6 ms of it a turn for both together.
  assert.ok(turns >= 15, `${turns} turns`)
})

test('a task can run at once, without interruption', () => {
  let turns = 0
  setImmediate(() => (turns += 1))
  assert.equal(runAtOnce(pieces(20, 0.3)), 'done')
  assert.equal(turns, 0)
})

function* failing(): SlicedTask<void> {
  yield
  throw new Error('junk')
}

test('an error in a step is thrown', async () => {
  await assert.rejects(runSliced(failing()), /junk/)
})
