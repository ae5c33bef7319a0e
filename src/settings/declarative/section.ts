type Mapping = Readonly<Record<string, unknown>>

/** A place in a file: keys and positions. */
export type Path = readonly (string | number)[]

/** Formats a path, for example `tracer_provider.processors[0].batch`. */
export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

interface Used {
  /** Places whose value was read, as formatted by `pathText`. */
  readonly places: Set<string>
  /** Places that contain a place whose value was read. */
  readonly above: Set<string>
}

/**
 * A part of the configuration that records which of its values were read. A value that was never read has no effect, so
 * no list of unsupported settings is needed.
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

  /** Returns the section below, which may be empty (`console:`); undefined when the key is absent. */
  child(key: string): ConfigSection | undefined {
    const value = this.#member(key)
    return value === undefined ? undefined : this.#at(key, value)
  }

  /** Returns the sections of a list. */
  items(key: string): readonly ConfigSection[] {
    const value = this.#member(key)
    return Array.isArray(value)
      ? value.map((item: unknown, index) => new ConfigSection(item, [...this.path, key, index], this.#used))
      : []
  }

  /** Returns the keys that are present. */
  keys(): readonly string[] {
    const value = this.#value
    return typeof value === 'object' && value !== null ? Object.keys(value) : []
  }

  /** Returns a scalar and marks it as read; undefined when it is empty. */
  scalar(key: string): string | number | boolean | undefined {
    const value = this.#member(key)
    this.use(key)
    return typeof value === 'object' ? undefined : (value as string | number | boolean | undefined)
  }

  /** Returns the value as it is and marks all of it as read. */
  whole(key: string): unknown {
    this.use(key)
    return this.#member(key)
  }

  /** Marks this section or a member as read. */
  use(key?: string): void {
    const path = key === undefined ? this.path : [...this.path, key]
    this.#used.places.add(pathText(path))
    for (let length = path.length - 1; length > 0; length--) {
      const above = pathText(path.slice(0, length))
      // Places above a known one are known, too.
      if (this.#used.above.has(above)) return
      this.#used.above.add(above)
    }
  }

  /** Returns the topmost parts that nothing has read. Empty ones request nothing and are skipped. */
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
