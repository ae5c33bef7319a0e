import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import { ByAttributes } from '../../../src/sdk/by-attributes.ts'

const make = (attributes: Attributes): object => ({ attributes })

test('a value is created once for each set of attributes', () => {
  const found = new ByAttributes<object>()
  const sets: Attributes[] = [{}, { a: 1 }, { a: '1' }, { a: true }, { b: 1 }, { a: 1, b: 1 }, { a: undefined }]
  const first = sets.map((attributes) => found.get(attributes, make))
  assert.equal(new Set(first).size, sets.length)
  assert.deepEqual(
    sets.map((attributes) => found.get({ ...attributes }, make)),
    first,
  )
  sets.forEach((attributes, index) => assert.equal(found.get({ ...attributes }, make), first[index]))
})
