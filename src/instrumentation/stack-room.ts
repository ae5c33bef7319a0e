import { framesAbove } from '../base/call-sites.ts'
import { resemble } from './resemble.ts'

type Method = (this: any, ...args: any[]) => any

/** V8 reads the limit from this object, whatever an app assigns to the global. */
const NativeError: { stackTraceLimit?: unknown } = Error

/** How many methods made by `withStackRoom` are running. */
let depth = 0

/**
 * Returns the result of `wrap`, which is called with a function that behaves like `original`. While `original` runs,
 * `Error.stackTraceLimit` is raised by the number of frames that the wrapper adds to the stack, so that a stack captured
 * meanwhile contains every frame that it would contain without the wrapper. A class is passed to `wrap` as it is.
 */
export function withStackRoom<Wrapper extends Method>(original: Method, wrap: (original: Method) => Wrapper): Wrapper {
  if (Object.getOwnPropertyDescriptor(original, 'prototype')?.writable === false) return wrap(original)
  const counts: (number | undefined)[] = []
  const call = function (this: unknown): unknown {
    const limit = getLimit()
    const count = typeof limit === 'number' && limit > 0 ? countOf(arguments) : 0
    const raised = (limit as number) + count
    if (count > 0) setLimit(raised)
    depth += 1
    try {
      return new.target === undefined
        ? Reflect.apply(original, this, arguments)
        : Reflect.construct(original, arguments, new.target === call ? original : new.target)
    } finally {
      depth -= 1
      if (count > 0 && getLimit() === raised) setLimit(limit)
    }
  }
  /** The number of frames depends on the path that a call takes through the wrapper. */
  const countOf = (args: ArrayLike<unknown>): number => {
    const path = (typeof args[args.length - 1] === 'function' ? 1 : 0) + (depth > 0 ? 2 : 0)
    const known = counts[path]
    if (known !== undefined) return known
    const between = wrapper === undefined ? undefined : framesAbove(wrapper, call)
    if (between === undefined) return 1
    return (counts[path] = between + 1)
  }
  resemble(call, original)
  call.prototype = (original as { prototype?: unknown }).prototype
  let wrapper: Wrapper | undefined
  return (wrapper = wrap(call))
}

/** An app may have made the limit a property with a getter that throws. */
function getLimit(): unknown {
  try {
    return NativeError.stackTraceLimit
  } catch {
    return undefined
  }
}

/** An app may have frozen `Error`, or made the limit a property with a setter. */
function setLimit(limit: unknown): void {
  try {
    NativeError.stackTraceLimit = limit
  } catch {
    // The stack then has fewer of the app's frames.
  }
}
