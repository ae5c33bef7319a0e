import { context } from '@opentelemetry/api'
import { boundToCaller } from './caller.ts'
import { patchMethod } from './patch.ts'

/** A statement that is acquiring a connection. A cluster acquires it from a pool: whichever sees a failure first records it. */
interface Asking {
  readonly statement: unknown
  isRecorded: boolean
}

/** The one whose method is currently called. */
let asking: Asking | undefined

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
          asking = { statement: textOf(statement), isRecorded: false }
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
 * Patches the method of a pool that acquires a connection. Its callback runs in the caller's context. `onRefused` is
 * called in that context for a statement that gets no connection and therefore is recorded nowhere else.
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
        const asked = asking
        if (typeof callback !== 'function') {
          asking = undefined
          return original.apply(this, args)
        }
        const refused = (error: unknown, { statement }: Asking): void => onRefused(error, statement, this)
        const inCaller = boundToCaller(callback)
        const caller = context.active()
        args[0] = function (this: unknown, ...answer: unknown[]) {
          asking = undefined
          if (answer[0] && asked?.isRecorded === false) {
            asked.isRecorded = true
            context.with(caller, refused, undefined, answer[0], asked)
          }
          return inCaller.apply(this, answer)
        }
        return original.apply(this, args)
      },
  )
}
