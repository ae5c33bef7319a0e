import { context } from '@opentelemetry/api'

/**
 * A callback that waits in a pool or a queue, so that it runs in the context of whoever asked, and not of whoever opened the connection
 * that answers it. What is no function stays as it is.
 */
export function boundToCaller<Callback>(callback: Callback): Callback {
  return typeof callback === 'function' ? context.bind(context.active(), callback) : callback
}

/** A callback of Node's convention, bound as well. `hear` is told what it is called with, before it is. */
export function heardBack(
  callback: (this: any, ...args: any[]) => unknown,
  hear: (error: unknown, result: unknown) => void,
): (this: unknown, ...args: any[]) => unknown {
  const inCaller = boundToCaller(callback)
  return function (...args) {
    hear(args[0], args[1])
    return inCaller.apply(this, args)
  }
}
