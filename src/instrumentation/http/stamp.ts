/**
 * Base of classes that put a private field on an object which is there already: its constructor returns what it is given. No
 * key, symbol or method tells of such a field, and reading it costs what a property costs, a third of a look into a
 * `WeakMap`. A field on a hot path has a class written for it: V8 keeps what it learns about a class by the place where the class
 * stands, which those that `stampOf` makes share, so that these are slower.
 */
// oxlint-disable-next-line no-extraneous-class -- see above
export class Stamped {
  constructor(target: object) {
    // oxlint-disable-next-line no-constructor-return -- the purpose of this class
    return target
  }
}

/** Puts one value on an object where nobody can see it. */
export function stampOf<Value>(): {
  readonly of: (target: object) => Value | undefined
  readonly set: (target: object, value: Value) => void
} {
  class Stamp extends Stamped {
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
      else new Stamp(target, value)
    }
  }
  return Stamp
}
