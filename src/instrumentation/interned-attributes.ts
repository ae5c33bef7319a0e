import type { Attributes } from '@opentelemetry/api'

/** As many as the SDK keeps of one metric; what is beyond goes to its overflow and needs no place here. */
const MAX_SETS = 2000

/** Attribute sets that come again and again, as the same frozen object each time. */
export class InternedAttributes {
  readonly #byKey = new Map<string, Attributes>()

  /** `key` tells the set from all others of this instance; `make` is called for one that is new. */
  get(key: string, make: () => Attributes): Attributes {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const attributes = make()
    if (this.#byKey.size < MAX_SETS) this.#byKey.set(key, Object.freeze(attributes))
    return attributes
  }
}
