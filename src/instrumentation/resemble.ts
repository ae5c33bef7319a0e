/**
 * Gives a wrapper the name, length and own properties (`util.promisify.custom`, a memoizer's `reset`) of the original.
 * Its `prototype` is not changed; wrapping a class is up to the caller.
 */
export function resemble<Wrapped extends object>(wrapped: Wrapped, original: object): Wrapped {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue
    const described = Object.getOwnPropertyDescriptor(wrapped, key)
    if (described !== undefined && described.configurable !== true) continue
    // Configurable even if the original is frozen, because the wrapper may be wrapped in turn.
    Object.defineProperty(wrapped, key, { ...Object.getOwnPropertyDescriptor(original, key), configurable: true })
  }
  return wrapped
}
