import assert from 'node:assert/strict'
import { test } from 'node:test'
import { captureStderr } from '../../support/captured-stderr.ts'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'
import { FollowedManager } from '../../../src/sdk/followed-manager.ts'

const SOUND: ContextManager = {
  active: () => ROOT_CONTEXT,
  with: (_, work, self, ...args) => work.apply(self as never, args),
  bind: (_, target) => target,
  enable: () => SOUND,
  disable: () => SOUND,
}
const fail = (): never => {
  throw new Error('of the app')
}

test('a sound manager is used, and what the work throws is thrown', () => {
  const followed = new FollowedManager(SOUND)
  assert.equal(followed.active(), ROOT_CONTEXT)
  assert.deepEqual(
    followed.with(ROOT_CONTEXT, () => 7),
    { returned: 7 },
  )
  assert.throws(() => followed.with(ROOT_CONTEXT, fail), /of the app/)
  assert.equal(followed.active(), ROOT_CONTEXT)
})

const BROKEN: Readonly<Record<string, Partial<ContextManager>>> = {
  throws: { active: fail, with: fail },
  'returns null and does not call': { active: () => null as unknown as Context, with: () => undefined as never },
  'returns an object without methods': { active: () => ({}) as Context },
  'returns a context that throws': {
    active: () => ({ ...ROOT_CONTEXT, getValue: fail, setValue: fail, deleteValue: fail }),
  },
}

for (const [does, broken] of Object.entries(BROKEN)) {
  test(`a manager that ${does} is given up with one line, and the work is left to the caller`, (t) => {
    let calls = 0
    const lines = captureStderr(t)
    const followed = new FollowedManager({ ...SOUND, ...broken })
    assert.equal(followed.active(), undefined)
    assert.equal(
      followed.with(ROOT_CONTEXT, () => (calls += 1)),
      undefined,
    )
    assert.equal(calls, 0)
    assert.equal(lines().length, 1)
    assert.match(lines()[0] ?? '', /context manager of the app failed \(.+\); it is no longer used/)
  })
}

test('work that a manager runs late or twice runs once', () => {
  let late: (() => unknown) | undefined
  let calls = 0
  const count = (): number => (calls += 1)
  const keeps = { ...SOUND, with: ((_: Context, work: () => unknown) => void (late = work)) as never }
  assert.equal(new FollowedManager(keeps).with(ROOT_CONTEXT, count), undefined)
  late?.()
  assert.equal(calls, 0)
  const repeats = { ...SOUND, with: ((_: Context, work: () => unknown) => [work(), work()]) as never }
  assert.deepEqual(new FollowedManager(repeats).with(ROOT_CONTEXT, count), { returned: 1 })
  assert.equal(calls, 1)
})
