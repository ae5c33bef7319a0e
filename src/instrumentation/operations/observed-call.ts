import { types } from 'node:util'
import { context, type Span } from '@opentelemetry/api'
import { heardBack } from './caller.ts'
import { endFailed } from './failure.ts'
import { overrideMethod } from './patch.ts'

type AnyFunction = (this: any, ...args: any[]) => any
type Fail = (span: Span, error: unknown) => void

const defaultFail: Fail = (span, error) => endFailed(span, error)

/**
 * Calls `original` and ends the span with the outcome: of the callback, if the last argument is one; of the returned
 * promise or event emitter; or else of the call itself. A callback and an emitter's listeners run in the caller's
 * context.
 */
export function observedCall(
  span: Span,
  original: AnyFunction,
  self: unknown,
  given: ArrayLike<unknown>,
  fail: Fail = defaultFail,
): unknown {
  const args = Array.from(given)
  const callback = args.at(-1)
  if (typeof callback === 'function') args[args.length - 1] = calledBack(callback as AnyFunction, span, fail)
  let result: any
  try {
    result = original.apply(self, args)
  } catch (thrown) {
    fail(span, thrown)
    throw thrown
  }
  if (typeof callback === 'function') return result
  if (types.isPromise(result)) return settled(result, span, fail)
  if (typeof result?.emit === 'function') followEmitter(result, span, fail)
  else span.end()
  return result
}

/** Returns a Node.js-style callback that ends the span. */
export function calledBack(callback: AnyFunction, span: Span, fail: Fail = defaultFail): AnyFunction {
  return heardBack(callback, (error) => (error ? fail(span, error) : span.end()))
}

function settled(promise: Promise<unknown>, span: Span, fail: Fail): Promise<unknown> {
  return promise.then(
    (value) => {
      span.end()
      return value
    },
    (error: unknown) => {
      fail(span, error)
      throw error
    },
  )
}

const ENDS: ReadonlySet<unknown> = new Set(['end', 'close', 'finish'])

function followEmitter(emitter: { emit: AnyFunction }, span: Span, fail: Fail): void {
  const caller = context.active()
  const { emit } = emitter
  let isEnded = false
  overrideMethod(emitter, 'emit', function (this: unknown, ...args) {
    if (!isEnded && (args[0] === 'error' || ENDS.has(args[0]))) {
      isEnded = true
      if (args[0] === 'error' && !isBrokenOff(args[1])) fail(span, args[1])
      else span.end()
    }
    return context.with(caller, emit, this, ...args)
  })
}

/**
 * Returns whether the error is the one that a stream gets when its reader leaves it, such as by `break` in a `for
 * await` loop. That of an abort signal has a cause.
 */
function isBrokenOff(error: any): boolean {
  return error?.code === 'ABORT_ERR' && error.cause === undefined
}
