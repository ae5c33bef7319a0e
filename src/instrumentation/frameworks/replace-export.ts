import { inPlaceOf, replaceMethod } from './replace-method.ts'

type AnyFunction = (this: never, ...args: never[]) => unknown

/**
 * Puts a function in the place of one that a module exports, and returns the exports to go on with: what esbuild makes of a module
 * has getters that cannot be replaced, so that these are a copy.
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
