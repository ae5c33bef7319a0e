import type { Attributes } from '@opentelemetry/api'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'

/** A server that receives more names or agents than this receives new ones continually. */
const MAX_SETS = 256

/** Caches the most recent attribute sets by the values they are made of. */
export class SharedSets {
  readonly #sets = new Map<string, SharedAttributes>()

  get(key: string, make: () => Attributes): SharedAttributes {
    let found = this.#sets.get(key)
    if (found === undefined) {
      if (this.#sets.size >= MAX_SETS) this.#sets.clear()
      this.#sets.set(key, (found = { attributes: make() }))
    }
    return found
  }
}
