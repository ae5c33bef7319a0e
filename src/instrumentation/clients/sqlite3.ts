import type { Span } from '@opentelemetry/api'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { calledBack } from '../operations/observed-call.ts'
import { moduleOf, patchMethod } from '../operations/patch.ts'
import { startStatement } from '../operations/prepared.ts'

/** The file of the database that a statement was prepared for. */
const files = new WeakMap<object, unknown>()
/**
 * Operations of a statement that have no callback. An error without a callback is emitted as an event of the statement.
 */
const unanswered = new WeakMap<object, Set<Span>>()
/** The span of the database method that is being called, which creates a statement and runs it. */
let ofDatabase: Span | undefined

const METHODS = ['run', 'get', 'all', 'map', 'each']

function patch(exports: any, tracer: ClientTracer): unknown {
  const { Database, Statement } = moduleOf(exports)
  for (const name of METHODS) {
    patchMethod(
      Database.prototype,
      name,
      (original) =>
        function (sql) {
          const outer = ofDatabase
          const span = (ofDatabase = startStatement({ statement: sql, namespace: this.filename }, tracer))
          try {
            return original.apply(this, answering(arguments, span, name))
          } finally {
            ofDatabase = outer
          }
        },
    )
    patchMethod(
      Statement.prototype,
      name,
      (original) =>
        function () {
          const span = ofDatabase ?? startStatement({ statement: this.sql, namespace: files.get(this) }, tracer)
          const isAnswered = typeof [...arguments].at(-1) === 'function'
          if (!isAnswered) return original.call(this, ...arguments, emitting(this, span))
          return original.apply(this, ofDatabase === undefined ? answering(arguments, span, name) : [...arguments])
        },
    )
  }
  patchMethod(
    Database.prototype,
    'exec',
    (original) =>
      function (sql, callback) {
        const span = startStatement({ statement: sql, namespace: this.filename }, tracer)
        const called = typeof callback === 'function' ? calledBack(callback, span) : emitting(this, span)
        return original.call(this, sql, called)
      },
  )
  patchMethod(
    Database.prototype,
    'prepare',
    (original) =>
      function () {
        const statement = original.apply(this, bound(arguments))
        files.set(statement, this.filename)
        return statement
      },
  )
  patchMethod(
    Statement.prototype,
    'emit',
    (original) =>
      function (event, error) {
        if (event === 'error') for (const span of unanswered.get(this) ?? []) endFailed(span, error)
        return original.apply(this, arguments as never)
      },
  )
  // The other methods that take a callback, which has to run in the caller's context.
  for (const [target, names] of [
    [Database.prototype, ['close', 'wait', 'loadExtension']],
    [Statement.prototype, ['bind', 'reset', 'finalize']],
  ] as const) {
    for (const name of names) {
      patchMethod(
        target,
        name,
        (original) =>
          function () {
            return original.apply(this, bound(arguments))
          },
      )
    }
  }
  return exports
}

/**
 * Returns the arguments of a call, with a last callback that ends the span. `each` calls one callback per row and
 * another one at the end.
 */
function answering(given: ArrayLike<unknown>, span: Span, method: string): unknown[] {
  const args = Array.from(given)
  const last = args.at(-1)
  if (typeof last !== 'function') return args
  const isComplete = method !== 'each' || typeof args.at(-2) === 'function'
  if (isComplete) args[args.length - 1] = calledBack(last as never, span)
  else args.push(completing(last as never, span))
  const row = args.length - 2
  if (method === 'each') args[row] = boundToCaller(args[row])
  return args
}

/** Returns the completion callback of an `each` that has none. An error is passed to the row callback. */
function completing(onRow: (error: unknown) => void, span: Span): (error: unknown) => void {
  const inCaller = boundToCaller(onRow)
  return function (this: unknown, error) {
    if (error) {
      endFailed(span, error)
      inCaller.call(this, error)
    } else span.end()
  }
}

/** Returns the callback for a call that has none: an error is emitted as an event. */
function emitting(target: any, span: Span): (error: unknown) => void {
  const all = unanswered.get(target) ?? new Set()
  unanswered.set(target, all.add(span))
  return (error) => {
    if (error) target.emit('error', error)
    else span.end()
    all.delete(span)
  }
}

function bound(given: ArrayLike<unknown>): unknown[] {
  return Array.from(given, (each) => boundToCaller(each))
}

export const client: Client = {
  hooks: [{ packageName: 'sqlite3', versions: ['>=4.0.0 <7'], patch }],
  operations: { requiresParentSpan: true },
}
