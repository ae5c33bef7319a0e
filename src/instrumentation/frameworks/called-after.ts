import { inPlaceOf } from './replace-method.ts'

/**
 * Returns a function that calls `before` and then the original, without a frame of this package in the stack of what the
 * original calls. A proxy without an `apply` trap calls its target directly, after it has read `apply`, where `before` is
 * called. `before` gets no arguments and must not throw.
 */
export function calledAfter<F extends (this: never, ...args: never[]) => unknown>(original: F, before: () => void): F {
  const handler: ProxyHandler<F> = Object.defineProperty({}, 'apply', {
    get() {
      before()
      return undefined
    },
  })
  return inPlaceOf(original, new Proxy(original, handler))
}
