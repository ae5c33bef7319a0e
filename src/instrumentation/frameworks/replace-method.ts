import { Stamped } from '../http/stamp.ts'

type Method = (this: never, ...args: never[]) => unknown

/**
 * Marks a replacement. The mark is a field of the function: a `WeakMap` would keep the requests that replacements of
 * some frameworks refer to, and all that these refer to, until V8 next collects its old generation.
 */
class Replacement extends Stamped {
  readonly #isReplacement = true

  static mark(method: object): void {
    // oxlint-disable-next-line no-new -- puts it on the function
    if (!Replacement.is(method)) new Replacement(method)
  }

  static is(method: object): boolean {
    return #isReplacement in method && method.#isReplacement
  }
}

/**
 * Replaces a method with a function of the same name, length and descriptor. Does nothing if there is no such method,
 * if it cannot be replaced, or if it already was.
 */
export function replaceMethod<M extends Method>(object: object, name: string, make: (original: M) => M): void {
  const descriptor = Object.getOwnPropertyDescriptor(object, name)
  const original: unknown = descriptor?.value
  if (typeof original !== 'function' || Replacement.is(original)) return
  if (descriptor?.configurable !== true && descriptor?.writable !== true) return
  Object.defineProperty(object, name, { ...descriptor, value: inPlaceOf(original as M, make(original as M)) })
}

/** Gives a replacement the appearance of the original. */
export function inPlaceOf<M extends Method>(original: M, replacement: M): M {
  for (const key of ['name', 'length']) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key)
    if (descriptor !== undefined) Object.defineProperty(replacement, key, descriptor)
  }
  Replacement.mark(replacement)
  return replacement
}

export function isReplacement(method: object): boolean {
  return Replacement.is(method)
}

/**
 * Replaces a method with a getter that is called with the object whose method is about to be called, and returns the
 * method to call: the original adds no frame to the stacks of what it calls. The method can be replaced as before.
 */
export function watchReads<M extends Method>(
  object: object,
  name: string,
  make: (original: M) => (object: object) => M,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(object, name)
  const original: unknown = descriptor?.value
  if (typeof original !== 'function' || Replacement.is(original) || descriptor?.configurable !== true) return
  keepMethodName(object, name, descriptor)
  const read = make(original as M)
  let current: unknown = original
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: descriptor.enumerable === true,
    get(this: object) {
      return current === original ? read(this) : current
    },
    set(this: object, value: unknown) {
      if (this === object) current = value
      else Object.defineProperty(this, name, { ...descriptor, value })
    },
  })
}

/**
 * Keeps `[as name]` in stacks of a method whose function has another name: V8 finds the name of a method by the values
 * of enumerable properties, not by getters. The value is moved to an object between this one and `Object.prototype`.
 */
function keepMethodName(object: object, name: string, descriptor: PropertyDescriptor): void {
  const { name: functionName } = descriptor.value as Method
  if (functionName === name || Object.getPrototypeOf(object) !== Object.prototype) return
  Object.setPrototypeOf(object, Object.create(Object.prototype, { [name]: descriptor }))
}
