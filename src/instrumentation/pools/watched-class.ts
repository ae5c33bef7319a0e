type Found = (made: object) => void
type Class = new (...args: any[]) => object

/** Returns a subclass that calls `found` with each object that is created. */
export function watchedClass(Pool: Class, found: Found): Class {
  const Watched = class extends Pool {
    constructor(...args: any[]) {
      super(...args)
      found(this)
    }
  }
  return Object.defineProperties(Watched, { name: { value: Pool.name }, length: { value: Pool.length } })
}

/** Replaces a class among a module's exports by such a subclass. */
export function watchedMember(name: string): (exports: any, found: Found) => unknown {
  return (exports, found) => {
    exports[name] = watchedClass(exports[name], found)
    return exports
  }
}

/**
 * Returns a function that calls `found` with each object of a constructor function, which a subclass could not call.
 */
export function watchedFunction(Pool: Class, found: Found): unknown {
  return new Proxy(Pool, {
    construct(target, args, newTarget: Class) {
      const pool = Reflect.construct(target, args, newTarget) as object
      found(pool)
      return pool
    },
  })
}

/** Calls `found` with the receiver before each call of the method, whose property is otherwise what it was. */
export function watchMethod(prototype: object, name: string, found: Found): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  const original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') return
  const watching = function (this: object, ...args: unknown[]): unknown {
    found(this)
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(watching, 'name', { value: original.name, configurable: true })
  Object.defineProperty(watching, 'length', { value: original.length, configurable: true })
  Object.defineProperty(prototype, name, { ...descriptor, value: watching })
}
