import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { SeriesIndex } from '../../../src/sdk/series-index.ts'

const value = fc.oneof(fc.constantFrom('', 'a', '1', 1, 0, true, false, NaN, undefined), fc.string(), fc.integer())
const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c', '1'), value, { maxKeys: 4, noNullPrototype: true })

const spelled = (set: Attributes): string =>
  JSON.stringify(Object.entries(set).map(([name, one]) => [name, typeof one, String(one)]))

test('a set is found only after it was added', () => {
  fc.assert(
    fc.property(fc.array(attributes), fc.array(attributes), (added, asked) => {
      const index = new SeriesIndex<string>(1000)
      const known = new Set<string>()
      for (const set of added) {
        index.add(set, spelled(set))
        known.add(spelled(set))
      }
      for (const set of [...added, ...asked]) {
        assert.equal(index.find({ ...set }), known.has(spelled(set)) ? spelled(set) : undefined)
      }
    }),
  )
})

test('the index is bounded, and contains no sets with arrays', () => {
  const index = new SeriesIndex<number>(3)
  for (let i = 0; i < 10; i++) index.add({ i }, i)
  assert.equal(Array.from({ length: 10 }, (_, i) => index.find({ i })).filter((i) => i !== undefined).length, 1)
  const list = ['x']
  index.add({ list }, 1)
  assert.equal(index.find({ list }), undefined)
})
