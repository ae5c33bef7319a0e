import assert from 'node:assert/strict'
import { test } from 'node:test'
import { throughDefault } from '../../../src/hooks/guarded-patch.ts'

type Exports = Record<string, unknown>

function patched(exports: unknown): unknown {
  return Object.assign(exports as Exports, { query: 'patched' })
}

function namespaceOf(required: Exports): Exports {
  return Object.defineProperty({ default: required, ...required }, Symbol.toStringTag, { value: 'Module' })
}

test('the default export of an imported module is patched, and its named exports are updated', () => {
  const required = { query: 'own', other: 'own' }
  const namespace = namespaceOf(required)
  assert.equal(throughDefault(namespace, patched), required)
  assert.deepEqual({ ...namespace }, { default: { query: 'patched', other: 'own' }, query: 'patched', other: 'own' })
})

test('a required module is patched itself', () => {
  const required = { default: { query: 'own' }, query: 'own' }
  assert.equal(throughDefault(required, patched), required)
  assert.deepEqual(required, { default: { query: 'own' }, query: 'patched' })
})
