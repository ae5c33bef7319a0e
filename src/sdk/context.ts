import type { Context } from '@opentelemetry/api'

/**
 * Replaces the API's context in the bundle (`scripts/patches/`), with the same exports. The API's own creates three
 * closures and copies a hash map for each value that is set, several times per request. A context holds two or three
 * values, which are found faster in a list.
 */
class ListedContext implements Context {
  readonly #keys: readonly symbol[]
  readonly #values: readonly unknown[]

  constructor(keys: readonly symbol[], values: readonly unknown[]) {
    this.#keys = keys
    this.#values = values
  }

  getValue(key: symbol): unknown {
    const at = this.#keys.indexOf(key)
    return at === -1 ? undefined : this.#values[at]
  }

  setValue(key: symbol, value: unknown): Context {
    const at = this.#keys.indexOf(key)
    if (at === -1) return new ListedContext([...this.#keys, key], [...this.#values, value])
    return new ListedContext(this.#keys, this.#values.with(at, value))
  }

  deleteValue(key: symbol): Context {
    const at = this.#keys.indexOf(key)
    return new ListedContext(this.#keys.toSpliced(at, at === -1 ? 0 : 1), this.#values.toSpliced(at, at === -1 ? 0 : 1))
  }
}

/** Returns the same key for every copy of the API, so that the app's copy finds what ours has set. */
export function createContextKey(description: string): symbol {
  return Symbol.for(description)
}

export const ROOT_CONTEXT: Context = new ListedContext([], [])
