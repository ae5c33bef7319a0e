type Found = (made: object) => void
type Class = new (...args: any[]) => object

/** A class like it that tells of each object that is made. */
export function watchedClass(Pool: Class, found: Found): Class {
  const Watched = class extends Pool {
    constructor(...args: any[]) {
      super(...args)
      found(this)
    }
  }
  return Object.defineProperties(Watched, { name: { value: Pool.name }, length: { value: Pool.length } })
}

/** The same of a member of a module's exports. */
export function watchedMember(name: string): (exports: any, found: Found) => unknown {
  return (exports, found) => {
    exports[name] = watchedClass(exports[name], found)
    return exports
  }
}

/** A constructor from before classes, which a class may not call. */
export function watchedFunction(Pool: Class, found: Found): unknown {
  return new Proxy(Pool, {
    construct(target, args, newTarget: Class) {
      const pool = Reflect.construct(target, args, newTarget) as object
      found(pool)
      return pool
    },
  })
}

/** Tells, before each call of the method, of the object that it is called on. */
export function watchMethod(prototype: any, name: string, found: Found): void {
  const original = prototype[name]
  if (typeof original !== 'function') return
  const watching = function (this: object, ...args: unknown[]): unknown {
    found(this)
    return original.apply(this, args)
  }
  Object.defineProperty(watching, 'name', { value: original.name, configurable: true })
  prototype[name] = Object.defineProperty(watching, 'length', { value: original.length, configurable: true })
}
