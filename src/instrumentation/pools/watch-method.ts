import { resemble } from '../resemble.ts'
import { withStackRoom } from '../stack-room.ts'

type Method = (this: object, ...args: unknown[]) => unknown
type Found = (made: object) => void

/**
 * Calls `found` with the receiver before each call of the method, whose property is otherwise what it was. A pool is
 * found when the app first uses it; its class is not replaced, since an app may compare, extend or print it.
 */
export function watchMethod(prototype: object, name: string, found: Found): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  const original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') return
  const watching = withStackRoom<Method>(
    original as Method,
    (called) =>
      function () {
        found(this)
        return Reflect.apply(called, this, arguments)
      },
  )
  Object.defineProperty(prototype, name, { ...descriptor, value: resemble(watching, original) })
}

/** Returns how a pool is found whose class `classOf` takes from a module's exports. */
export function foundBy(
  classOf: (exports: any) => { readonly prototype: object },
  ...methods: readonly string[]
): (exports: any, found: Found) => unknown {
  return (exports, found) => {
    for (const name of methods) watchMethod(classOf(exports).prototype, name, found)
    return exports
  }
}
