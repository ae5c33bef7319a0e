import type { Attributes } from '@opentelemetry/api'

/** The SDK keeps one attributes object per series, so its key is computed once. */
const keys = new WeakMap<Attributes, string>()

/** Returns the key of an attribute set: a text that does not depend on the order of the attributes. */
export function keyOf(attributes: Attributes): string {
  let key = keys.get(attributes)
  if (key === undefined) {
    const entries = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1))
    keys.set(attributes, (key = JSON.stringify(entries)))
  }
  return key
}

/**
 * Returns the attribute set of a key. Returns an empty set when the key is malformed, since another process may have
 * sent it.
 */
export function attributesFromKey(key: string): Attributes {
  try {
    return Object.fromEntries(JSON.parse(key) as [string, string][])
  } catch {
    return {}
  }
}

/**
 * Returns the key of the same set with one more attribute. An attribute of that name that is there already is the
 * user's and wins.
 */
export function keyWith(key: string, name: string, value: string): string {
  const entry = JSON.stringify([name, value])
  return key === '[]' ? `[${entry}]` : `[${entry},${key.slice(1)}`
}

/** The SDK's attribute set for measurements beyond the limit of series. */
export const OVERFLOW_KEY: string = keyOf({ 'otel.metric.overflow': true })

/**
 * Converts keys to attribute sets. A key gives the same object from scrape to scrape, by which the exposition finds
 * rendered labels. Sets that a scrape did not ask for are released at the end of the next one.
 */
export class DecodedAttributes {
  #current = new Map<string, Attributes>()
  #previous = new Map<string, Attributes>()

  get(key: string): Attributes {
    let attributes = this.#current.get(key)
    if (attributes === undefined) {
      attributes = this.#previous.get(key) ?? attributesFromKey(key)
      this.#current.set(key, attributes)
    }
    return attributes
  }

  endOfScrape(): void {
    this.#previous = this.#current
    this.#current = new Map()
  }
}
