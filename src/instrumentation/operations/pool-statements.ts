import { types } from 'node:util'
import { context } from '@opentelemetry/api'
import { boundToCaller } from './caller.ts'
import { patchMethod } from './patch.ts'

/** The statement whose pool method is currently acquiring a connection. */
let asking: unknown

/**
 * Patches the methods of a pool or cluster that acquire a connection for one statement. `textOf` returns the text of
 * their first argument.
 */
export function patchAsking(prototype: object, textOf: (statement: any) => unknown, ...names: readonly string[]): void {
  for (const name of names) {
    patchMethod(
      prototype,
      name,
      (original) =>
        function (statement) {
          asking = textOf(statement)
          try {
            return original.apply(this, arguments as never)
          } finally {
            asking = undefined
          }
        },
    )
  }
}

/**
 * Patches the method of a pool or cluster that acquires a connection, for a callback or by a promise. The callback runs
 * in the caller's context. `onRefused` is called in that context when there is no connection, with the statement that
 * should have got it, which is recorded nowhere else.
 */
export function patchGettingConnection(
  prototype: object,
  name: string,
  onRefused: (error: any, statement: unknown, pool: any) => void,
): void {
  patchMethod(
    prototype,
    name,
    (original) =>
      function (callback) {
        const args = [...arguments]
        const statement = asking
        asking = undefined
        const refused = (error: unknown): void => onRefused(error, statement, this)
        if (typeof callback !== 'function') {
          const result = original.apply(this, args)
          if (statement === undefined || !types.isPromise(result)) return result
          return result.then(undefined, (error: unknown) => {
            refused(error)
            throw error
          })
        }
        const inCaller = boundToCaller(callback)
        const caller = context.active()
        args[0] = function (this: unknown, ...answer: unknown[]) {
          if (answer[0]) context.with(caller, refused, undefined, answer[0])
          return inCaller.apply(this, answer)
        }
        return original.apply(this, args)
      },
  )
}
