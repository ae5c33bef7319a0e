import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { partialSuccessOf, partialSuccessOfJson } from '../../../src/export/partial-success.ts'
import type { PartialSuccess } from '../../../src/export/partial-success.ts'

const BYTES: readonly [label: string, hex: string, expected: PartialSuccess | undefined][] = [
  ['nothing', '', undefined],
  ['an empty partial_success, which is a full one', '0a00', undefined],
  ['a count and a message', '0a06080312026869', { rejected: 3, message: 'hi' }],
  ['a count of two bytes alone', '0a0308ac02', { rejected: 300, message: '' }],
  ['a warning alone', '0a0412026869', { rejected: 0, message: 'hi' }],
  ['a truncated message', '0a06080312', undefined],
  ['text', Buffer.from('OK').toString('hex'), undefined],
]

for (const [label, hex, expected] of BYTES) {
  test(`a response with ${label}`, () => assert.deepEqual(partialSuccessOf(Buffer.from(hex, 'hex')), expected))
}

const JSONS: readonly [text: string, expected: PartialSuccess | undefined][] = [
  ['', undefined],
  ['{}', undefined],
  ['null', undefined],
  ['{"partialSuccess":null}', undefined],
  ['{"partialSuccess":{}}', undefined],
  ['{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}', { rejected: 2, message: 'old' }],
  ['{"partialSuccess":{"rejectedDataPoints":4}}', { rejected: 4, message: '' }],
  ['{"partialSuccess":{"rejectedLogRecords":"x","errorMessage":7}}', undefined],
]

for (const [text, expected] of JSONS) {
  test(`the JSON response ${text}`, () => assert.deepEqual(partialSuccessOfJson(text), expected))
}

test('no response of a collector makes the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      partialSuccessOf(bytes)
      partialSuccessOfJson(Buffer.from(bytes).toString())
    }),
  )
})
