type Mapping = Readonly<Record<string, unknown>>

/** Where something stands in a file: keys and positions. */
export type Path = readonly (string | number)[]

/** `tracer_provider.processors[0].batch`. */
export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

interface Used {
  /** Places whose value was asked for, as `pathText` has them. */
  readonly places: Set<string>
  /** Places that have one of those below them. */
  readonly above: Set<string>
}

/**
 * A part of the configuration that remembers what was asked for: what nobody asked for is what has no effect here, so
 * that no list of unsupported things has to be kept.
 */
export class ConfigSection {
  readonly path: Path
  readonly #value: unknown
  readonly #used: Used

  constructor(value: unknown, path: Path = [], used: Used = { places: new Set(), above: new Set() }) {
    this.path = path
    this.#value = value
    this.#used = used
  }

  /** The section below, also an empty one (`console:`); undefined where the key is not written. */
  child(key: string): ConfigSection | undefined {
    const value = this.#member(key)
    return value === undefined ? undefined : this.#at(key, value)
  }

  /** Sections of a list. */
  items(key: string): readonly ConfigSection[] {
    const value = this.#member(key)
    return Array.isArray(value)
      ? value.map((item: unknown, index) => new ConfigSection(item, [...this.path, key, index], this.#used))
      : []
  }

  /** Keys that are written here. */
  keys(): readonly string[] {
    const value = this.#value
    return typeof value === 'object' && value !== null ? Object.keys(value) : []
  }

  /** A scalar, and the use of it; undefined where it is empty. */
  scalar(key: string): string | number | boolean | undefined {
    const value = this.#member(key)
    this.use(key)
    return typeof value === 'object' ? undefined : (value as string | number | boolean | undefined)
  }

  /** The value as it is, and the use of all of it. */
  whole(key: string): unknown {
    this.use(key)
    return this.#member(key)
  }

  /** Marks this section itself, or a member. */
  use(key?: string): void {
    const path = key === undefined ? this.path : [...this.path, key]
    this.#used.places.add(pathText(path))
    for (let length = path.length - 1; length > 0; length--) {
      const above = pathText(path.slice(0, length))
      // Where it is known, so is everything above it.
      if (this.#used.above.has(above)) return
      this.#used.above.add(above)
    }
  }

  /** The highest parts that nobody asked for. Empty ones ask for nothing. */
  unused(): readonly Path[] {
    return this.#unusedIn(this.#value, this.path)
  }

  #unusedIn(value: unknown, path: Path): readonly Path[] {
    const text = pathText(path)
    if (value === null || value === undefined || this.#used.places.has(text)) return []
    if (path.length > 0 && !this.#used.above.has(text)) return [path]
    if (Array.isArray(value)) return value.flatMap((item, index) => this.#unusedIn(item, [...path, index]))
    return Object.entries(value).flatMap(([key, member]) => this.#unusedIn(member, [...path, key]))
  }

  #member(key: string): unknown {
    const value = this.#value
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Mapping)[key]
      : undefined
  }

  #at(key: string, value: unknown): ConfigSection {
    return new ConfigSection(value, [...this.path, key], this.#used)
  }
}
