import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { TokenBucket } from '../../../src/sampling/token-bucket.ts'

test('no interval has more than the rate and one second of unused tokens allow', () => {
  const calls = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), calls, (perSecond, pausesMs) => {
      let nowMs = 0
      const bucket = new TokenBucket(perSecond, () => nowMs)
      const takenAtMs: number[] = []
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs
        if (bucket.take()) takenAtMs.push(nowMs)
      }
      takenAtMs.forEach((fromMs, first) => {
        takenAtMs.slice(first).forEach((toMs, more) => {
          assert.ok(more + 1 <= perSecond + ((toMs - fromMs) / 1000) * perSecond + 1e-6)
        })
      })
    }),
    { numRuns: 200 },
  )
})

test("unused tokens accumulate, up to one second's worth", () => {
  let nowMs = 0
  const bucket = new TokenBucket(3, () => nowMs)
  const takeAll = (): number => {
    let taken = 0
    while (bucket.take()) taken++
    return taken
  }
  assert.equal(takeAll(), 3)
  nowMs += 400
  assert.equal(takeAll(), 1)
  nowMs += 60_000
  assert.equal(takeAll(), 3)
})

test('a rate below one per second allows one every few seconds, and zero allows none', () => {
  let nowMs = 0
  const bucket = new TokenBucket(0.5, () => nowMs)
  const taken = [0, 1000, 2000, 3000, 4000].map((ms) => {
    nowMs = ms
    return bucket.take()
  })
  assert.deepEqual(taken, [true, false, true, false, true])
  assert.equal(new TokenBucket(0).take(), false)
})

test('no limit is no limit', () => {
  const bucket = new TokenBucket(Infinity)
  for (let i = 0; i < 1000; i++) assert.ok(bucket.take())
})
