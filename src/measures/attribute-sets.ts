import type { Attributes } from '@opentelemetry/api'

/** As many as the SDK keeps of one metric; what is beyond goes to its overflow and needs no place here. */
const MAX_SETS = 2000

/** Empty until the SDK first asks. */
const hashes = new WeakMap<Attributes, string>()

/**
 * Attribute sets that come again and again, as the same frozen object each time. The SDK sorts and serialises the
 * attributes of each measurement to find its series; of these it does so once (`scripts/build.ts` has it ask `hashOf`).
 */
export class AttributeSets {
  readonly #byKey = new Map<string, Attributes>()

  /** `key` tells the set from all others of this instance; `make` is called for one that is new. */
  get(key: string, make: () => Attributes): Attributes {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const attributes = make()
    if (this.#byKey.size < MAX_SETS) {
      this.#byKey.set(key, Object.freeze(attributes))
      hashes.set(attributes, '')
    }
    return attributes
  }
}

/** In the place of the SDK's own function, which is `compute`. Attributes that the app may change later are not remembered. */
export function hashOf(attributes: Attributes, compute: (attributes: Attributes) => string): string {
  const known = hashes.get(attributes)
  if (known === undefined) return compute(attributes)
  if (known !== '') return known
  const hash = compute(attributes)
  hashes.set(attributes, hash)
  return hash
}
