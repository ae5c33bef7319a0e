type Method = (this: never, ...args: never[]) => unknown

/** The replaced methods, by their replacement. */
const originals = new WeakMap<object, Method>()

/**
 * Replaces a method with a function of the same name, length and descriptor. Does nothing if there is no such method,
 * if it cannot be replaced, or if it already was.
 */
export function replaceMethod<M extends Method>(object: object, name: string, make: (original: M) => M): void {
  const descriptor = Object.getOwnPropertyDescriptor(object, name)
  const original: unknown = descriptor?.value
  if (typeof original !== 'function' || originals.has(original)) return
  if (descriptor?.configurable !== true && descriptor?.writable !== true) return
  Object.defineProperty(object, name, { ...descriptor, value: inPlaceOf(original as M, make(original as M)) })
}

/** Gives a replacement the appearance of the original. */
export function inPlaceOf<M extends Method>(original: M, replacement: M): M {
  for (const key of ['name', 'length']) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key)
    if (descriptor !== undefined) Object.defineProperty(replacement, key, descriptor)
  }
  originals.set(replacement, original)
  return replacement
}
