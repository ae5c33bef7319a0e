import type { Attributes } from '@opentelemetry/api'

/** The SDK keeps one attributes object a series: its text is made once. */
const keys = new WeakMap<Attributes, string>()

/** An attribute set as text, the same whatever the order it was given in. */
export function keyOf(attributes: Attributes): string {
  let key = keys.get(attributes)
  if (key === undefined) {
    const entries = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1))
    keys.set(attributes, (key = JSON.stringify(entries)))
  }
  return key
}

/** No attributes where the text is no set; another process may have sent it. */
export function attributesFromKey(key: string): Attributes {
  try {
    return Object.fromEntries(JSON.parse(key) as [string, string][])
  } catch {
    return {}
  }
}

/** The same set with one more attribute; one that is there already is the user's, and wins. */
export function keyWith(key: string, name: string, value: string): string {
  const entry = JSON.stringify([name, value])
  return key === '[]' ? `[${entry}]` : `[${entry},${key.slice(1)}`
}

/** The SDK's own mark of an instrument with too many attribute sets: what is beyond is still counted. */
export const OVERFLOW_KEY: string = keyOf({ 'otel.metric.overflow': true })

/**
 * Attribute sets by their text: the same object from scrape to scrape, by which the exposition finds labels ready. What one
 * scrape no longer asks for is let go of with the next.
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
