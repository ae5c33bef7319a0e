import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import { AttributeSets, hashOf } from '../../../src/measures/attribute-sets.ts'

test('a set that comes again is the same object, made once and frozen', () => {
  const sets = new AttributeSets()
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

test('what is hashed: a known set once, attributes of the app each time, since it may change them', () => {
  let computed = 0
  const hash = (attributes: Attributes): string => hashOf(attributes, (each) => `${JSON.stringify(each)} ${computed++}`)
  const known = new AttributeSets().get('a', () => ({ a: 1 }))
  assert.deepEqual([hash(known), hash(known)], ['{"a":1} 0', '{"a":1} 0'])
  const own: Attributes = { a: 1 }
  hash(own)
  own['a'] = 2
  assert.equal(hash(own), '{"a":2} 2')
})

test('sets beyond the most that a metric has are made anew', () => {
  const sets = new AttributeSets()
  for (let n = 0; n < 2000; n++) sets.get(String(n), () => ({ n }))
  const beyond = (): Attributes => sets.get('beyond', () => ({ n: -1 }))
  assert.notEqual(beyond(), beyond())
  assert.ok(!Object.isFrozen(beyond()))
})
