type Prototype = Record<string, unknown>

const observed = new WeakMap<object, Set<string>>()

/**
 * Calls `onRead` with the object whenever a method of `prototype` is looked up on it, just before the call. The method
 * itself is not replaced, and no frame of ours appears in a stack trace. `onRead` must be fast and must not throw.
 * An assignment works as on a plain property: on the prototype it changes the inherited method, on an object it gives
 * that object its own method. `onAssigned` is called for the latter, because later reads of that object are no longer
 * observed.
 */
export function observeReads<Target extends object>(
  prototype: object,
  name: string,
  onRead: (target: Target) => void,
  onAssigned: (target: Target) => void = () => {},
): void {
  const names = observed.get(prototype) ?? new Set()
  if (names.has(name)) return
  observed.set(prototype, names.add(name))
  const parent = Object.getPrototypeOf(prototype) as Prototype
  let own = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown
  Object.defineProperty(prototype, name, {
    configurable: true,
    // The inherited method is enumerable, so `for … in` over an object includes it.
    enumerable: true,
    get(this: Target) {
      onRead(this)
      return own ?? parent[name]
    },
    set(this: Target, value: unknown) {
      if (this === prototype) {
        own = value
        return
      }
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
      onAssigned(this)
    },
  })
}
