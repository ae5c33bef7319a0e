import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { frame, FrameReader } from '../../../src/fleet/frames.ts'
import type { FrameKind } from '../../../src/fleet/frames.ts'

const anyFrame = fc.tuple(fc.constantFrom<FrameKind>('hello', 'welcome', 'ask', 'answer'), fc.uint8Array())

test('frames arrive as they were sent, however the stream is split', () => {
  fc.assert(
    fc.property(fc.array(anyFrame), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
      const stream = Buffer.concat(sent.map(([kind, body]) => frame(kind, body)))
      const received: [FrameKind, number[]][] = []
      const reader = new FrameReader((kind, body) => received.push([kind, [...body]]))
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1
        reader.push(stream.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(
        received,
        sent.map(([kind, body]) => [kind, [...body]]),
      )
    }),
  )
})

test('invalid frames are rejected', () => {
  for (const junk of ['GET / HTTP/1.1\r\n', '\0\0\0\0\xff', '\xff\xff\xff\xff\0']) {
    assert.throws(() => new FrameReader(() => {}).push(Buffer.from(junk, 'latin1')), /not a member/)
  }
})
