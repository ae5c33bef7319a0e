import { context } from '@opentelemetry/api'

/**
 * Binds a callback that waits in a pool or a queue to the caller's context. Otherwise it would run in the context of
 * whoever opened the connection. A value that is not a function is returned unchanged.
 */
export function boundToCaller<Callback>(callback: Callback): Callback {
  return typeof callback === 'function' ? context.bind(context.active(), callback) : callback
}

/** Binds a Node.js-style callback, and calls `onResult` with its arguments just before it runs. */
export function heardBack(
  callback: (this: any, ...args: any[]) => unknown,
  onResult: (error: unknown, result: unknown) => void,
): (this: unknown, ...args: any[]) => unknown {
  const inCaller = boundToCaller(callback)
  return function (...args) {
    onResult(args[0], args[1])
    return inCaller.apply(this, args)
  }
}
