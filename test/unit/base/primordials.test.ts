import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as own from '../../../src/base/primordials.ts'

test('a collection that the app made is an instance of the class that replaces the global in this package', () => {
  assert.ok(new Map() instanceof own.Map)
  assert.ok(new Set() instanceof own.Set)
  assert.ok(new WeakMap() instanceof own.WeakMap)
  assert.ok(new WeakSet() instanceof own.WeakSet)
  assert.ok(new own.Set() instanceof Set)
  assert.ok(!(new Map() instanceof own.Set))
  assert.ok(!((undefined as unknown) instanceof own.Set))
})
