import assert from 'node:assert/strict'
import type { PerformanceObserver } from 'node:perf_hooks'
import { test, type TestContext } from 'node:test'
import { observeCollections } from '../../../../src/instrumentation/runtime/gc-entries.ts'

interface Internal {
  _fatalException: (error: any, fromPromise: unknown) => unknown
}

const internal = process as unknown as Internal
const prototype = Object.prototype as unknown as Record<string, unknown>

/** As Node.js 22 to 25 throw it. */
function ofAnEntry(): TypeError {
  const error = new TypeError('Invalid property descriptor.')
  error.stack = `TypeError: Invalid property descriptor.\n    at defineProperties (<anonymous>)\n    at observerCallback (node:internal/perf/observe:565:5)`
  return error
}

function observed(t: TestContext): { readonly handled: unknown[]; readonly original: unknown; isConnected: boolean } {
  const before = Object.getOwnPropertyDescriptor(internal, '_fatalException') as PropertyDescriptor
  const handled: unknown[] = []
  const original = (error: unknown): boolean => handled.push(error) > 0
  Object.defineProperty(internal, '_fatalException', { ...before, value: original })
  t.after(() => Object.defineProperty(internal, '_fatalException', before))
  const state = { handled, original, isConnected: false }
  const observer = { observe: () => (state.isConnected = true), disconnect: () => (state.isConnected = false) }
  observeCollections(observer as unknown as PerformanceObserver)
  return state
}

/** What `call` returns while `Object.prototype` has a `value`. */
function polluted<Result>(call: () => Result): Result {
  prototype['value'] = 'x'
  try {
    return call()
  } finally {
    delete prototype['value']
  }
}

test('an exception is left to Node.js, by its own function, as long as nothing is polluted', (t) => {
  const { original } = observed(t)
  assert.equal(internal._fatalException, original)
  assert.ok(Object.keys(internal).includes('_fatalException'))
})

test('the exception for an entry that could not be created ends only the observation', (t) => {
  const state = observed(t)
  const isHandled = polluted(() => internal._fatalException(ofAnEntry(), false))
  assert.equal(isHandled, true)
  assert.deepEqual(state.handled, [])
  assert.equal(state.isConnected, false)
  assert.equal(
    polluted(() => internal._fatalException),
    state.original,
    'restored',
  )
})

test('any other exception is left to Node.js', (t) => {
  const state = observed(t)
  const others = [new TypeError('Invalid property descriptor.'), new Error('mine'), undefined, 'text']
  for (const error of others) polluted(() => internal._fatalException(error, false))
  assert.deepEqual(state.handled, others)
  assert.equal(state.isConnected, true)
})

test('a replacement of the function of Node.js in the meantime is kept', (t) => {
  observed(t)
  internal._fatalException = polluted
  assert.equal(
    polluted(() => internal._fatalException),
    polluted,
  )
})
