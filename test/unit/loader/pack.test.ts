import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CompiledChunk, encodePack, type OpenPack, Pack } from '../../../src/loader/pack.ts'

const chunk: fc.Arbitrary<CompiledChunk> = fc.record(
  {
    sourceBytes: fc.nat(),
    sourceModifiedMs: fc.double({ min: 0, max: 4e12, noNaN: true }).map((ms) => ms + 0),
    data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  },
  { noNullPrototype: true },
)
const chunks = fc.array(fc.tuple(fc.string({ unit: 'binary' }), chunk), { maxLength: 6 }).map((all) => new Map(all))

/** As the loader reads it: each part in the memory of the one before. */
function opened(bytes: Buffer): OpenPack {
  const memory = Buffer.alloc(bytes.length)
  return {
    identity: '',
    sizeBytes: bytes.length,
    read: (at, length) => memory.subarray(0, bytes.copy(memory, 0, at, at + length)),
  }
}

function read(key: string, bytes: Uint8Array): Map<string, CompiledChunk> {
  const file = opened(Buffer.from(bytes))
  const pack = new Pack(key, file)
  return new Map(
    [...pack.names].flatMap((name) => {
      const found = pack.get(name, file)
      return found === undefined ? [] : [[name, { ...found, data: Uint8Array.from(found.data) }] as const]
    }),
  )
}

test('a written file can be read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), chunks, (key, all) => {
      assert.deepEqual(read(key, encodePack(key, all)), all)
    }),
  )
})

test('nothing is read under another key', () => {
  fc.assert(
    fc.property(chunks, (all) => {
      assert.equal(read('b', encodePack('a', all)).size, 0)
    }),
  )
})

test('a file with a changed byte, or one that is truncated or longer, yields no wrong data', () => {
  fc.assert(
    fc.property(
      chunks,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('flip', 'cut', 'longer', 'zeros'),
      (all, at, change, how) => {
        const bytes = Buffer.from(encodePack('key', all))
        const place = at % bytes.length
        if (how === 'flip') bytes[place] = (bytes[place] ?? 0) ^ change
        if (how === 'zeros') bytes.fill(0, place)
        const broken =
          how === 'cut'
            ? bytes.subarray(0, place)
            : how === 'longer'
              ? Buffer.concat([bytes, Buffer.of(change)])
              : bytes
        const written = new Set(Array.from(all.values(), ({ data }) => Buffer.from(data).toString('hex')))
        for (const { data } of read('key', broken).values()) assert.ok(written.has(Buffer.from(data).toString('hex')))
      },
    ),
    { numRuns: 2000 },
  )
})

test('any other file is empty', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('paxxobs1'), Buffer.alloc(1000), Buffer.from('#!/bin/sh\necho')]) {
    assert.equal(read('key', bytes).size, 0)
  }
})
