import { CATALOG } from './catalog.generated.ts'

/** The selected instrumentations that wait for a package or builtin to be loaded. */
export class PendingPackages {
  readonly #byPackage = new Map<string, string[]>()
  readonly #byBuiltin = new Map<string, string[]>()
  readonly always: readonly string[]

  constructor(selected: ReadonlySet<string>) {
    const always: string[] = []
    for (const name of selected) {
      const { packages = {}, builtins = [] } = CATALOG[name] ?? {}
      for (const each of Object.keys(packages)) append(this.#byPackage, each, name)
      for (const each of builtins) append(this.#byBuiltin, each, name)
      if (Object.keys(packages).length + builtins.length === 0) always.push(name)
    }
    this.always = always
  }

  get names(): readonly string[] {
    return [...this.#byPackage.keys(), ...this.#byBuiltin.keys()]
  }

  get builtins(): readonly string[] {
    return [...this.#byBuiltin.keys()]
  }

  has(packageName: string): boolean {
    return this.#byPackage.has(packageName)
  }

  /** Adds packages that `has` should know although no instrumentation of the catalog waits for them. */
  add(packageNames: readonly string[]): void {
    for (const each of packageNames) if (!this.#byPackage.has(each)) this.#byPackage.set(each, [])
  }

  /** Returns the instrumentations that wait for a package, once: a second call returns none. */
  take(packageName: string): readonly string[] {
    return take(this.#byPackage, packageName)
  }

  takeBuiltin(name: string): readonly string[] {
    return take(this.#byBuiltin, name)
  }
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

const NONE: readonly string[] = []

function take(map: Map<string, string[]>, key: string): readonly string[] {
  const names = map.get(key)
  if (names === undefined || names.length === 0) return NONE
  map.set(key, [])
  return names
}
