import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RandomIds } from '../../../src/sdk/random-ids.ts'

test('ids are valid, never repeat, and differ between generators', () => {
  const seen = new Set<string>()
  for (const ids of [new RandomIds(), new RandomIds()]) {
    for (let i = 0; i < 5000; i++) {
      const [traceId, spanId] = [ids.generateTraceId(), ids.generateSpanId()]
      assert.match(traceId, /^(?!0+$)[0-9a-f]{32}$/)
      assert.match(spanId, /^(?!0+$)[0-9a-f]{16}$/)
      seen.add(traceId).add(spanId)
    }
  }
  assert.equal(seen.size, 20_000)
})

test('each bit of a word is set in half of all words', () => {
  const { draw } = new RandomIds()
  const WORDS = 20_000
  const set = Array.from({ length: 32 }, () => 0)
  for (let i = 0; i < WORDS; i++) {
    const word = draw()
    for (let bit = 0; bit < 32; bit++) set[bit] = (set[bit] as number) + ((word >>> bit) & 1)
  }
  // Seven standard deviations: a sound generator fails once in 10^10 runs.
  for (const count of set) assert.ok(Math.abs(count - WORDS / 2) < 7 * Math.sqrt(WORDS / 4), String(set))
})
