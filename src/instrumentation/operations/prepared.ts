import type { Span } from '@opentelemetry/api'
import { attributesOf, type OperationFacts, spanNameOf } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { overrideMethod, patchMethod } from './patch.ts'
import { verbOf } from './verb.ts'

/** What is known of a statement before it runs. */
export type FactsOf = (
  self: any,
  args: readonly unknown[],
) => { readonly statement: unknown; readonly namespace?: unknown }

/** Methods of SQLite's clients that run a statement and give its result at once. An iterator is followed to its end. */
export function patchRunning(target: object, names: readonly string[], factsOf: FactsOf, tracer: ClientTracer): void {
  for (const name of names) {
    patchMethod(
      target,
      name,
      (original) =>
        function (...args) {
          const { statement, namespace } = factsOf(this, args)
          const facts: OperationFacts = { system: 'sqlite', operation: verbOf(statement), statement, namespace }
          const span = tracer.start(spanNameOf({ ...facts, namespace: undefined }), attributesOf(facts))
          const result = endedIfThrown(span, () => original.apply(this, args))
          if (name === 'iterate') followIterator(result, span)
          else span.end()
          return result
        },
    )
  }
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
