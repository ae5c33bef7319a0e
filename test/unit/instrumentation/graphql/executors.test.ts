import assert from 'node:assert/strict'
import { test } from 'node:test'
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { trace } from '@opentelemetry/api'
import { type Execute, tracingExecutor } from '../../../../src/instrumentation/graphql/executors.ts'
import { Operations } from '../../../../src/instrumentation/graphql/operations.ts'
import type { Resolve, Schema } from '../../../../src/instrumentation/graphql/resolvers.ts'

const operations = new Operations(
  () => trace.getTracer('test'),
  () => ({ frameworkSpans: 'all', allowValues: true }),
)
const byDefault: Resolve = () => 'of the default'

function throwing(name: string): object {
  return Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw new Error('of the app')
    },
  })
}

/** What an app may hand to an executor, well-formed or not. */
const ARGS: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  'a text': 'text',
  'no document': {},
  'null for a document': { document: null },
  'definitions that are none': { document: { definitions: [null, undefined, 1, {}] } },
  'definitions that are no list': { document: { definitions: 'text' } },
  'a document that throws': throwing('document'),
  'definitions that throw': { document: throwing('definitions') },
  'a location without tokens': { document: { loc: { source: { body: 'query' } } } },
  'variables that cannot be written': { document: {}, variableValues: { big: { value: 1n } } },
  'everything frozen': Object.freeze({ document: Object.freeze({ definitions: Object.freeze([]) }) }),
}

for (const [title, given] of Object.entries(ARGS)) {
  test(`an executor is called and answers as without: ${title}`, () => {
    const result = {}
    const execute: Execute = function (this: unknown, ...args) {
      assert.equal(args.length, 1)
      return result
    }
    assert.equal(tracingExecutor(execute, operations, undefined)(given), result)
  })
}

/** What an executor may give. */
const RESULTS: Readonly<Record<string, () => unknown>> = {
  'errors that throw': () => throwing('errors'),
  'errors that are none': () => ({ errors: [null, undefined, 'text', Object.create(null)] }),
  'a list': () => [],
  'a promise of nothing': () => Promise.resolve(),
  'a promise of errors that throw': () => Promise.resolve(throwing('errors')),
  'a promise of another realm': () => runInNewContext('Promise.resolve({ errors: [new Error()] })'),
  'something that can be awaited': () => ({
    // oxlint-disable-next-line unicorn/no-thenable -- a query builder runs when it is awaited
    then() {
      assert.fail('awaited')
    },
  }),
}

for (const [title, make] of Object.entries(RESULTS)) {
  test(`the result is the app's own: ${title}`, async () => {
    const result = make()
    const got = tracingExecutor(() => result, operations, undefined)({})
    if (!types.isPromise(result)) return assert.equal(got, result)
    assert.equal(Object.getPrototypeOf(got), Object.getPrototypeOf(result))
    assert.equal(await got, await result)
  })
}

async function resolver(): Promise<never> {
  await Promise.resolve()
  throw new Error('of the app')
}

test('the stack of an error names the function that awaits the executor', async () => {
  const execute = tracingExecutor(() => resolver(), operations, undefined)
  async function awaitingApp(): Promise<unknown> {
    return await execute({})
  }
  await assert.rejects(awaitingApp(), ({ stack }: Error) => {
    assert.match(String(stack), /at async awaitingApp/)
    return true
  })
})

test('an executor throws what the original throws', () => {
  const failing = tracingExecutor(
    () => {
      throw null
    },
    operations,
    undefined,
  )
  assert.throws(
    () => failing({}),
    (error) => error === null,
  )
})

const resolve: Resolve = () => 'own'
const givesArgs: Execute = (args) => Object(args)

test('the resolvers of a frozen schema are not changed', () => {
  const field = Object.freeze({ resolve, type: {} })
  const schema = Object.freeze({
    getTypeMap: () => ({ Query: { name: 'Query', getFields: () => ({ field }) } }),
  }) as Schema
  const passed = tracingExecutor(givesArgs, operations, byDefault)({ schema }) as { fieldResolver: Resolve }
  assert.equal(field.resolve, resolve)
  const info = { fieldName: 'name', returnType: 'String', parentType: { name: 'Query' }, path: { key: 'name' } }
  assert.equal(passed.fieldResolver.call(undefined, {}, {}, {}, info), 'of the default')
})
