import { inPlaceOf, replaceMethod } from './replace-method.ts'

type AnyFunction = (this: never, ...args: never[]) => unknown

/**
 * Replaces a function that a module exports, and returns the exports to continue with. These are a copy if the exports
 * are getters, as in esbuild's output.
 */
export function replaceExport<F extends AnyFunction>(exports: object, name: string, make: (original: F) => F): object {
  const descriptor = Object.getOwnPropertyDescriptor(exports, name)
  if (descriptor?.get === undefined) {
    replaceMethod<F>(exports, name, make)
    return exports
  }
  const original = (exports as Readonly<Record<string, F>>)[name]
  if (typeof original !== 'function') return exports
  const value = inPlaceOf(original, make(original))
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(exports), [name]: { enumerable: true, value } },
  )
}
