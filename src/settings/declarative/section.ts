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

/**
 * A part of the configuration that remembers what was asked for: what nobody asked for is what has no effect here, so
 * that no list of unsupported things has to be kept.
 */
export class ConfigSection {
  readonly path: Path
  readonly #value: unknown
  readonly #used: Set<string>

  constructor(value: unknown, path: Path = [], used: Set<string> = new Set()) {
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
    this.#used.add(pathText(key === undefined ? this.path : [...this.path, key]))
  }

  /** The highest parts that nobody asked for. Empty ones ask for nothing. */
  unused(): readonly Path[] {
    return this.#unusedIn(this.#value, this.path)
  }

  #unusedIn(value: unknown, path: Path): readonly Path[] {
    const text = pathText(path)
    if (value === null || value === undefined || this.#used.has(text)) return []
    if (path.length > 0 && !this.#isUsedBelow(text)) return [path]
    if (Array.isArray(value)) return value.flatMap((item, index) => this.#unusedIn(item, [...path, index]))
    return Object.entries(value).flatMap(([key, member]) => this.#unusedIn(member, [...path, key]))
  }

  #isUsedBelow(text: string): boolean {
    for (const used of this.#used) if (used.startsWith(`${text}.`) || used.startsWith(`${text}[`)) return true
    return false
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
