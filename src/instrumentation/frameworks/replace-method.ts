type Method = (this: never, ...args: never[]) => unknown

/** By the function that took a method's place: what stood there. */
const originals = new WeakMap<object, Method>()

/**
 * Puts a function in a method's place that has its name, its length and its descriptor. Does nothing where there is no such
 * method, where it cannot be replaced, and where it was replaced before.
 */
export function replaceMethod<M extends Method>(object: object, name: string, make: (original: M) => M): void {
  const descriptor = Object.getOwnPropertyDescriptor(object, name)
  const original: unknown = descriptor?.value
  if (typeof original !== 'function' || originals.has(original)) return
  if (descriptor?.configurable !== true && descriptor?.writable !== true) return
  Object.defineProperty(object, name, { ...descriptor, value: inPlaceOf(original as M, make(original as M)) })
}

/** The replacement, looking like the original. */
export function inPlaceOf<M extends Method>(original: M, replacement: M): M {
  for (const key of ['name', 'length']) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key)
    if (descriptor !== undefined) Object.defineProperty(replacement, key, descriptor)
  }
  originals.set(replacement, original)
  return replacement
}
