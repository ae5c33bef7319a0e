import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFailureOf } from '../../../../src/instrumentation/operations/model-failure.ts'

const made = (name: string, message: string, given: object = {}): Error =>
  Object.assign(new Error(message), { name, stack: `${name}: ${message}\n    at app (file:///app.js:1:1)` }, given)

const TABLE: readonly (readonly [error: unknown, message: string | undefined])[] = [
  [made('Error', '401 bad key secret', { status: 401, error: { message: 'bad key secret' } }), '401 Unauthorized'],
  [made('Error', '500 oops secret', { status: 500 }), '500 Internal Server Error'],
  [made('Error', '599 secret', { status: 599 }), '599'],
  [made('AI_APICallError', 'bad key secret', { statusCode: 429, responseBody: 'secret' }), '429 Too Many Requests'],
  [made('AI_APICallError', 'secret', { data: { error: 'secret' } }), undefined],
  [{ name: 'AI_APICallError', message: 'secret' }, undefined],
  [made('AI_JSONParseError', 'JSON parsing failed: Text: secret.', { text: 'secret' }), undefined],
  [made('AI_RetryError', 'Failed after 3 attempts. Last error: secret'), undefined],
  [made('Error', 'overloaded by secret', { status: undefined, error: { message: 'overloaded by secret' } }), undefined],
  [made('SyntaxError', `Unexpected token 'o', "oops secret" is not valid JSON`), undefined],
  [made('FetchError', 'invalid json response body: secret', { type: 'invalid-json' }), undefined],
  [made('Error', 'secret\n    at secret', { status: 404 }), '404 Not Found'],
  [made('AI_APICallError', 'Cannot connect to API'), 'Cannot connect to API'],
  [made('Error', 'Connection error.', { status: undefined, error: undefined }), 'Connection error.'],
  [made('Error', 'Request timed out.'), 'Request timed out.'],
  [made('RangeError', 'no answer'), 'no answer'],
  ['a text', undefined],
  [undefined, undefined],
]

for (const [error, message] of TABLE)
  test(`${String(error)}: ${message}`, () => {
    const failure = modelFailureOf(error)
    assert.equal(failure.message, message)
    assert.doesNotMatch(`${failure.message} ${failure.stack}`, /secret/)
    if (!(error instanceof Error)) return
    assert.equal(failure.name, error.name)
    assert.equal(
      failure.stack,
      `${error.name}${message === undefined ? '' : `: ${message}`}\n    at app (file:///app.js:1:1)`,
    )
  })
