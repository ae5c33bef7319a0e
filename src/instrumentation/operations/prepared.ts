import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { overrideMethod, patchMethod } from './patch.ts'
import { verbOf } from './verb.ts'

/** Returns the facts about a statement that are known before it runs. */
export type FactsOf = (
  self: any,
  args: readonly unknown[],
) => { readonly statement: unknown; readonly namespace?: unknown }

/**
 * Patches methods of SQLite clients that run a statement and return its result synchronously. An iterator is followed
 * to its end.
 */
export function patchRunning(target: object, names: readonly string[], factsOf: FactsOf, tracer: ClientTracer): void {
  for (const name of names) {
    patchMethod(
      target,
      name,
      (original) =>
        function (...args) {
          if (running === this) return original.apply(this, args)
          const span = startStatement(factsOf(this, args), tracer)
          const result = endedIfThrown(span, () => whileRunning(this, () => original.apply(this, args)))
          if (name === 'iterate') followIterator(result, span)
          else span.end()
          return result
        },
    )
  }
}

/** The object whose method is running: in some clients, `all` calls `iterate` of the same statement. */
let running: unknown

function whileRunning<Result>(self: unknown, work: () => Result): Result {
  const outer = running
  running = self
  try {
    return work()
  } finally {
    running = outer
  }
}

/**
 * Patches `prepare`, which fails in place of a statement that is invalid. `onPrepared` is called with each statement
 * before the app gets it.
 */
export function patchPreparing(
  target: object,
  factsOf: FactsOf,
  onPrepared: (statement: any, args: readonly unknown[]) => void,
  tracer: ClientTracer,
): void {
  patchMethod(
    target,
    'prepare',
    (original) =>
      function (...args) {
        let statement: unknown
        try {
          statement = original.apply(this, args)
        } catch (thrown) {
          endFailed(startStatement(factsOf(this, args), tracer), thrown)
          throw thrown
        }
        onPrepared(statement, args)
        return statement
      },
  )
}

/** Starts the span of one statement of an SQLite client. */
export function startStatement({ statement, namespace }: ReturnType<FactsOf>, tracer: ClientTracer): Span {
  const facts: OperationFacts = { system: 'sqlite', operation: verbOf(statement), statement, namespace }
  return tracer.start(spanNameOf({ ...facts, namespace: undefined }), operationAttributes(facts))
}

function endedIfThrown(span: Span, run: () => any): any {
  try {
    return run()
  } catch (thrown) {
    endFailed(span, thrown)
    throw thrown
  }
}

function followIterator(iterator: any, span: Span): void {
  for (const name of ['next', 'return']) {
    const original = iterator?.[name]
    if (typeof original !== 'function') continue
    overrideMethod(iterator, name, function (this: unknown, ...args) {
      const step = endedIfThrown(span, () => original.apply(this, args))
      if (name === 'return' || step?.done === true) span.end()
      return step
    })
  }
}
