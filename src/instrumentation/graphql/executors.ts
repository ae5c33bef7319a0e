import { types } from 'node:util'
import { context } from '@opentelemetry/api'
import { inPlaceOf } from '../frameworks/replace-method.ts'
import { Guard } from '../../base/guard.ts'
import { withStackRoom } from '../stack-room.ts'
import type { ExecutionArgs, Operation, Operations } from './operations.ts'
import { type Resolve, type Schema, tracedDefault, watchResolvers } from './resolvers.ts'

export type Execute = (this: unknown, ...args: unknown[]) => unknown

interface Args extends ExecutionArgs {
  readonly schema?: Schema
  readonly fieldResolver?: Resolve | null
}

/** graphql-js 14 and 15 take these arguments by position; later versions and other executors take one object. */
const POSITIONS = [
  'schema',
  'document',
  'rootValue',
  'contextValue',
  'variableValues',
  'operationName',
  'fieldResolver',
] as const
const FIELD_RESOLVER = POSITIONS.indexOf('fieldResolver')

/**
 * Wraps an executor so that its operations have spans. `byDefault` resolves fields without a resolver; if it is
 * undefined, these fields get no spans.
 */
export function tracingExecutor(execute: Execute, operations: Operations, byDefault: Resolve | undefined): Execute {
  const tracing = withStackRoom<Execute>(
    execute,
    (original) =>
      function (this: unknown, ...args) {
        const begun = safely(() => begin(args, operations, byDefault))
        if (begun === undefined) return original.apply(this, args)
        return runOperation(begun.operation, () => original.apply(this, [...begun.passed]))
      },
  )
  return inPlaceOf<Execute>(execute, tracing)
}

interface Begun {
  readonly operation: Operation
  readonly passed: readonly unknown[]
}

function begin(args: readonly unknown[], operations: Operations, byDefault: Resolve | undefined): Begun | undefined {
  const named = argsOf(args)
  const operation = operations.begin(named)
  if (operation === undefined) return undefined
  return { operation, passed: byDefault === undefined ? args : watching(args, named, byDefault) }
}

const guard = new Guard('tracing an operation of GraphQL', 'it is not affected')

/** Documents and results belong to the app and may be anything, so errors are logged once and ignored. */
export function safely<Result>(work: () => Result): Result | undefined {
  return guard.run(work)
}

/**
 * Returns the result of `run`, or the promise derived from it: V8 shows the functions that await a promise (`at async`)
 * only if nothing else follows it.
 */
export function runOperation(operation: Operation, run: () => unknown): unknown {
  return context.with(operation.context, () => {
    let result: unknown
    try {
      result = run()
    } catch (error) {
      safely(() => operation.fail(error))
      throw error
    }
    if (types.isPromise(result))
      return result.then(
        (value: unknown) => {
          safely(() => operation.end(value))
          return value
        },
        (error: unknown) => {
          safely(() => operation.fail(error))
          throw error
        },
      )
    safely(() => operation.end(result))
    return result
  })
}

function argsOf(args: readonly unknown[]): Args {
  if (args.length < 2) return Object(args[0]) as Args
  return Object.fromEntries(POSITIONS.map((name, at) => [name, args[at]])) as Args
}

function watching(args: readonly unknown[], { schema, fieldResolver }: Args, byDefault: Resolve): unknown[] {
  watchResolvers(schema)
  const resolver = tracedDefault(fieldResolver ?? byDefault)
  if (args.length < 2) return [{ ...Object(args[0]), fieldResolver: resolver }]
  const passed = [...args]
  passed[FIELD_RESOLVER] = resolver
  return passed
}
