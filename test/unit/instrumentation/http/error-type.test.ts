import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorTypeOf } from '../../../../src/instrumentation/http/error-type.ts'

const abort = (cause: unknown): Error =>
  Object.assign(new Error('x', { cause }), { name: 'AbortError', code: 'ABORT_ERR' })

const errors: readonly (readonly [string, unknown, string])[] = [
  ['the code of node', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['the name where there is no code', new TypeError('x'), 'TypeError'],
  ['an abort', abort(undefined), 'AbortError'],
  ['an abort with a reason', abort(new Error('enough')), 'AbortError'],
  ['an abort by a timeout', abort(new DOMException('x', 'TimeoutError')), 'TimeoutError'],
  ['a DOMException, whose code is a number', new DOMException('x', 'TimeoutError'), 'TimeoutError'],
  ['a text', 'stop', '_OTHER'],
  ['nothing', null, '_OTHER'],
  ['a code that could be anything', Object.assign(new Error('x'), { code: 'user 4711 is gone' }), 'Error'],
]

for (const [what, error, type] of errors) {
  test(`error.type is ${what}`, () => assert.equal(errorTypeOf(error), type))
}
