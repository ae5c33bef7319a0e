import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import { InternedAttributes } from '../../../src/instrumentation/interned-attributes.ts'

test('a recurring set is the same frozen object, created once', () => {
  const sets = new InternedAttributes()
  const first = sets.get('GET 200', () => ({ method: 'GET', status: 200 }))
  assert.equal(
    sets.get('GET 200', () => assert.fail('made twice')),
    first,
  )
  assert.ok(Object.isFrozen(first))
  assert.notEqual(
    sets.get('GET 404', () => ({ method: 'GET', status: 404 })),
    first,
  )
})

test('sets beyond the limit of a metric are not cached', () => {
  const sets = new InternedAttributes()
  for (let n = 0; n < 2000; n++) sets.get(String(n), () => ({ n }))
  const beyond = (): Attributes => sets.get('beyond', () => ({ n: -1 }))
  assert.notEqual(beyond(), beyond())
  assert.ok(!Object.isFrozen(beyond()))
})
