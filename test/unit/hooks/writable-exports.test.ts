import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchedBy } from '../../../src/hooks/writable-exports.ts'

const compiled = (): { connect(): string; readonly other: number } =>
  Object.defineProperties(
    {},
    {
      connect: { get: () => () => 'original', enumerable: true },
      other: { value: 1, enumerable: true },
      __esModule: { value: true },
    },
  ) as never

test('members that are getters or constants are replaced in a copy, which the app gets', () => {
  const exports = compiled()
  const patched = patchedBy(exports, (given) => {
    const members = given as { connect: () => string }
    const { connect } = members
    members.connect = () => `traced ${connect()}`
    return given
  }) as typeof exports
  assert.equal(patched.connect(), 'traced original')
  assert.equal(exports.connect(), 'original')
  assert.deepEqual(Reflect.ownKeys(patched), Reflect.ownKeys(exports))
  assert.deepEqual(Object.keys(patched), ['connect', 'other'])
  assert.equal(patched.other, 1)
})

test('constants can be assigned as well', () => {
  const patched = patchedBy(compiled(), (given) => Object.assign(given as object, { other: 2 })) as { other: number }
  assert.equal(patched.other, 2)
})

test('exports that no patch wrote to are the same object', () => {
  const exports = compiled()
  assert.equal(
    patchedBy(exports, (given) => given),
    exports,
  )
})

test('an ES module that is required: the stand-in follows its bindings', async () => {
  const namespace = (await import(moduleText)) as {
    n: number
    increase(): void
    connect(): string
  }
  const patched = patchedBy(namespace, (given) => {
    ;(given as { connect: () => string }).connect = () => 'traced'
    return given
  }) as typeof namespace
  namespace.increase()
  assert.deepEqual([patched.n, patched.connect(), namespace.connect()], [1, 'traced', 'original'])
  assert.equal(Object.prototype.toString.call(patched), '[object Module]')
})

const moduleText = `data:text/javascript,${encodeURIComponent(
  "export let n = 0; export const increase = () => { n += 1 }; export const connect = () => 'original'",
)}`

test('exports that a patch returns are returned', () => {
  const other = {}
  assert.equal(
    patchedBy(compiled(), () => other),
    other,
  )
})
