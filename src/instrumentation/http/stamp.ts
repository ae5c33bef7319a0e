/** Its constructor returns what it is given, so that the private fields of a derived class are put on that object. */
// oxlint-disable-next-line no-extraneous-class -- see above
class Given {
  constructor(target: object) {
    // oxlint-disable-next-line no-constructor-return -- the purpose of this class
    return target
  }
}

/**
 * Puts one value on an object where nobody can see it: no key, symbol or method tells of a private field. Reading it costs
 * what a property costs, a third of a look into a `WeakMap`.
 */
export function stampOf<Value>(): {
  readonly of: (target: object) => Value | undefined
  readonly set: (target: object, value: Value) => void
} {
  class Stamped extends Given {
    #value: Value

    constructor(target: object, value: Value) {
      super(target)
      this.#value = value
    }

    static of(target: object): Value | undefined {
      return #value in target ? target.#value : undefined
    }

    static set(target: object, value: Value): void {
      if (#value in target) target.#value = value
      // oxlint-disable-next-line no-new -- see above
      else new Stamped(target, value)
    }
  }
  return Stamped
}
