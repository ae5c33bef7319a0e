import type { Attributes } from '@opentelemetry/api'

/**
 * The limit of interned sets, which is the SDK's limit of series per metric. Further sets go into its overflow series
 * and are not interned.
 */
const MAX_SETS = 2000

/** Returns recurring attribute sets as the same frozen object each time. */
export class InternedAttributes {
  readonly #byKey = new Map<string, Attributes>()

  /** `key` identifies the set within this instance; `make` is called for a new one. */
  get(key: string, make: () => Attributes): Attributes {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const attributes = make()
    if (this.#byKey.size < MAX_SETS) this.#byKey.set(key, Object.freeze(attributes))
    return attributes
  }
}
