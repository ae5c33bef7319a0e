/**
 * Base class for adding a private field to an existing object: its constructor returns its argument. No key, symbol or
 * method reveals the field, and reading it costs as much as reading a property, a third of a `WeakMap` lookup. Write a
 * separate class for a field on a hot path: V8 keeps type feedback per class definition, which all classes made by
 * `stampOf` share, so these are slower.
 */
// oxlint-disable-next-line no-extraneous-class -- see above
export class Stamped {
  constructor(target: object) {
    // oxlint-disable-next-line no-constructor-return -- the purpose of this class
    return target
  }
}

/** Returns functions that store one hidden value on an object. */
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
