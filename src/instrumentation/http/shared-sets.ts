import type { Attributes } from '@opentelemetry/api'
import type { SharedAttributes } from '../../sdk/deferred-span.ts'

/** A server that hears more names or agents than this hears new ones all the time. */
const MAX_SETS = 256

/** Attributes by what they are made of; the newest of them. */
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
