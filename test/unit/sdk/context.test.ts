import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as api from '@opentelemetry/api'
import fc from 'fast-check'
import { createContextKey, ROOT_CONTEXT } from '../../../src/sdk/context.ts'

const keys = ['a', 'b', 'c'].map((name) => createContextKey(name))
const steps = fc.array(
  fc.record({
    key: fc.constantFrom(...keys),
    value: fc.option(fc.integer(), { nil: undefined }),
    remove: fc.boolean(),
  }),
  { maxLength: 12 },
)

test("contexts contain the same as the API's own, and are not changed by derived ones", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const pairs = [{ ours: ROOT_CONTEXT, theirs: api.ROOT_CONTEXT }]
      for (const { key, value, remove } of all) {
        const { ours, theirs } = pairs.at(-1) as (typeof pairs)[number]
        pairs.push(
          remove
            ? { ours: ours.deleteValue(key), theirs: theirs.deleteValue(key) }
            : { ours: ours.setValue(key, value), theirs: theirs.setValue(key, value) },
        )
      }
      for (const { ours, theirs } of pairs) {
        assert.deepEqual(
          keys.map((key) => ours.getValue(key)),
          keys.map((key) => theirs.getValue(key)),
        )
      }
    }),
  )
})

test('a key is the same for every copy of the API', () => {
  assert.equal(createContextKey('some key'), api.createContextKey('some key'))
})
