/**
 * Gives a function that stands in for another one that one's name, length and own properties (`util.promisify.custom`, a
 * memoizer's `reset`). `prototype` stays its own: it is a matter of whoever wraps a class.
 */
export function resemble<Wrapped extends object>(wrapped: Wrapped, original: object): Wrapped {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue
    const described = Object.getOwnPropertyDescriptor(wrapped, key)
    if (described !== undefined && described.configurable !== true) continue
    // Configurable even where the original is frozen: the wrapper may be wrapped in turn.
    Object.defineProperty(wrapped, key, { ...Object.getOwnPropertyDescriptor(original, key), configurable: true })
  }
  return wrapped
}
