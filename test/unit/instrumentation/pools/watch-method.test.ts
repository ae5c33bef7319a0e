import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchMethod } from '../../../../src/instrumentation/pools/watch-method.ts'

test('a watched method keeps its name, its length and the attributes of its property', () => {
  class Pool {
    getConnection(callback: (pool: Pool) => unknown): unknown {
      return callback(this)
    }
  }
  const before = Object.getOwnPropertyDescriptor(Pool.prototype, 'getConnection')
  const found: object[] = []
  watchMethod(Pool.prototype, 'getConnection', (pool) => found.push(pool))
  const after = Object.getOwnPropertyDescriptor(Pool.prototype, 'getConnection')
  assert.deepEqual({ ...after, value: undefined }, { ...before, value: undefined })
  assert.deepEqual([after?.value.name, after?.value.length], ['getConnection', 1])
  const pool = new Pool()
  assert.equal(
    pool.getConnection((self) => self),
    pool,
  )
  assert.deepEqual(found, [pool])
})

test('a class that only inherits a method is left alone', () => {
  class Pool {
    getConnection(): void {}
  }
  class PromisePool extends Pool {}
  watchMethod(PromisePool.prototype, 'getConnection', () => {})
  assert.equal(Object.hasOwn(PromisePool.prototype, 'getConnection'), false)
})
