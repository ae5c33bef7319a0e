import { shownUrl, shownUrlsIn } from '../base/shown-url.ts'
import { givenText } from '../base/variable.ts'
import { parseValue, quote, type Parsed, type SettingValue } from './parse.ts'
import type { PatternRow, SettingRow } from './row.ts'
import type { SettingProblem, SettingSource } from './settings.ts'
import { rowOf, TABLE } from './table.ts'

/** Texts of variables by name. */
export type Texts = Readonly<Record<string, string | undefined>>

/** A configuration file expressed as variables, with the place in the file that each comes from. */
export interface DeclaredTexts {
  readonly path: string
  readonly texts: Texts
  readonly places: Texts
}

const NO_FILE: DeclaredTexts = { path: '', texts: {}, places: {} }

type Layers = Readonly<Record<'env' | 'dotEnv' | 'file', Texts>>
const SOURCES: Readonly<Record<keyof Layers, SettingSource>> = {
  env: 'environment',
  dotEnv: '.env',
  file: 'OTEL_CONFIG_FILE',
}

/** The layers in the order of their precedence. */
const LAYERS = ['env', 'dotEnv', 'file'] as const

/**
 * The values of the table's variables in this process: parsed, with fallbacks and defaults, and with the problems found
 * so far. Every variable is parsed, whether or not it is read, so that every invalid value is reported.
 */
export class Values {
  readonly sources: Readonly<Record<string, SettingSource>>
  readonly #trustsDotEnv: boolean
  readonly #file: DeclaredTexts
  readonly #parsed = new Map<string, Parsed>()
  readonly #texts = new Map<string, string>()
  readonly #faults = new Map<string, Set<string>>()

  /**
   * `file` has the variables of a configuration file, with the lowest precedence. `trustsDotEnv`: the environment names
   * the .env.
   */
  constructor(env: Texts, dotEnv: Texts, file: DeclaredTexts = NO_FILE, trustsDotEnv: boolean = false) {
    this.#trustsDotEnv = trustsDotEnv
    this.#file = file
    const layers: Layers = { env, dotEnv, file: file.texts }
    // Without a prototype, V8 keeps it as a dictionary from the start, instead of one hidden class per name.
    const sources: Record<string, SettingSource> = Object.create(null)
    for (const row of TABLE) {
      if (row.type === 'pattern') {
        this.#takeFamily(row, layers, sources)
      } else {
        sources[row.name] = 'default'
        this.#take(row, row.name, layers, sources)
      }
    }
    this.sources = sources
  }

  #takeFamily(row: PatternRow, layers: Layers, sources: Record<string, SettingSource>): void {
    for (const texts of [layers.env, layers.dotEnv, layers.file]) {
      for (const name in texts) {
        if (name.startsWith(row.prefix) && !this.#parsed.has(name)) this.#take(row, name, layers, sources)
      }
    }
  }

  #take(row: SettingRow, name: string, layers: Layers, sources: Record<string, SettingSource>): void {
    const source = LAYERS.find((layer) => givenText(layers[layer], name) !== undefined)
    if (source === undefined) return
    const text = givenText(layers[source], name) as string
    sources[name] = SOURCES[source]
    this.#texts.set(name, text)
    this.#parsed.set(name, parseValue(row, text))
  }

  /** Returns whether the value comes from a .env in the working directory that the user did not name. */
  isFound(name: string): boolean {
    return this.sources[name] === '.env' && !this.#trustsDotEnv
  }

  /** Returns whether the variable itself is set, usable or not. */
  isWritten(name: string): boolean {
    return this.#texts.has(name)
  }

  /** Returns whether the variable itself has a usable value. */
  isSet(name: string): boolean {
    return this.#parsed.get(name)?.value !== undefined
  }

  /** Returns whether the variable or one of its fallbacks has a usable value. */
  isGiven(name: string): boolean {
    return this.#inherited(name) !== undefined
  }

  flag(name: string): boolean {
    return this.value(name) === true
  }

  integer(name: string): number {
    const value = this.value(name)
    if (typeof value === 'number') return value
    throw new TypeError(`${name} is not an integer row`)
  }

  /** Returns the value of an enum. A test compares each type with the values of its row. */
  choice<Choice extends string>(name: string): Choice {
    return this.value(name) as Choice
  }

  choices<Choice extends string>(name: string): readonly Choice[] {
    return (this.value(name) ?? []) as readonly Choice[]
  }

  list(name: string): readonly string[] | undefined {
    return this.value(name) as readonly string[] | undefined
  }

  text(name: string): string | undefined {
    return this.value(name) as string | undefined
  }

  pairs(name: string): ReadonlyMap<string, string> {
    return (this.value(name) ?? new Map()) as ReadonlyMap<string, string>
  }

  /** Returns the members of a family by the part of their name after the prefix. */
  family(prefix: string): Readonly<Record<string, string>> {
    const members: [string, string][] = []
    for (const [name, { value }] of this.#parsed) {
      if (name.startsWith(prefix) && rowOf(name)?.type === 'pattern')
        members.push([name.slice(prefix.length), String(value)])
    }
    return Object.fromEntries(members)
  }

  /** Returns the value in use for display, without secrets. */
  shown(name: string): string {
    const row = rowOf(name)
    const value = this.value(name)
    if (value === undefined) return valueText(undefined)
    if (row?.sensitive === true) return '(hidden)'
    if (value instanceof Map) return [...value].map(([key, each]) => `${key}=${shownPair(key, each)}`).join(',')
    return shownText(row, valueText(value))
  }

  /** Returns the variable whose value applies instead, if any. */
  inheritedFrom(name: string): string | undefined {
    for (let at = rowOf(name)?.fallback; at !== undefined; at = rowOf(at)?.fallback) if (this.isSet(at)) return at
    return undefined
  }

  /** Adds to the line about a variable. `clause` follows its name and value, and says what is used instead. */
  addProblem(name: string, clause: string): void {
    const clauses = this.#faults.get(name)
    if (clauses === undefined) this.#faults.set(name, new Set([clause]))
    else clauses.add(clause)
  }

  problems(): SettingProblem[] {
    const problems: SettingProblem[] = []
    for (const [name, { value, fault }] of this.#parsed) {
      const clauses = [...(this.#faults.get(name) ?? [])]
      if (fault !== undefined) clauses.unshift(value === undefined ? this.#withInstead(name, fault) : fault)
      if (clauses.length > 0) {
        problems.push({ variable: this.#label(name), message: `${this.#subject(name)} ${clauses.join('; ')}` })
      }
    }
    return problems
  }

  /** Returns the variable's name, or its place in the configuration file. */
  #label(name: string): string {
    return this.sources[name] === 'OTEL_CONFIG_FILE' ? `${this.#file.path}: ${this.#file.places[name]}` : name
  }

  #subject(name: string): string {
    const row = rowOf(name)
    const label = this.#label(name)
    const place = this.sources[name] === '.env' ? ' in .env' : ''
    if (row?.type === 'headers') return `${label}${place}:`
    if (row?.sensitive === true) return `${label}${place}`
    const text = this.#texts.get(name) ?? ''
    const shown = `${label}=${quote(shownText(row, text))}${place}`
    return row?.type === 'attributes' ? `${shown}:` : shown
  }

  #withInstead(name: string, fault: string): string {
    const row = rowOf(name)
    if (row === undefined || row.noEffect !== undefined) return fault
    const value = this.value(name)
    if (value === undefined) return this.#faults.has(name) ? fault : `${fault}; it is ignored`
    if (row.sensitive === true) return fault
    // The value may come from another variable, and may then contain secrets just like this one's.
    return `${fault}; using ${shownText(row, valueText(value))}`
  }

  /** Returns the value of a variable of any type. */
  value(name: string): SettingValue | undefined {
    const value = this.#parsed.get(name)?.value
    if (value !== undefined) return value
    const row = rowOf(name)
    if (row === undefined) throw new TypeError(`${name} is not on the settings table`)
    return row.fallback === undefined ? row.default : (this.#inherited(row.fallback) ?? row.default)
  }

  /** Works like `value`, but without the defaults of the fallback rows, since the row's own default applies. */
  #inherited(name: string): SettingValue | undefined {
    const value = this.#parsed.get(name)?.value
    if (value !== undefined) return value
    const fallback = rowOf(name)?.fallback
    return fallback === undefined ? undefined : this.#inherited(fallback)
  }
}

/** Returns a value as text, for log lines and tables. */
export function valueText(value: SettingValue | undefined): string {
  if (value === undefined) return 'none'
  if (value === Infinity) return 'no limit'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',')
  return String(value)
}

/** Matches names of resource attributes whose values are not shown on a terminal, although they are exported. */
const SECRET = /(?:token|secret|passw(?:or)?d|passphrase|credentials?|(?:api|access|private)[._-]?key)$/i

function shownPair(key: string, value: string): string {
  return SECRET.test(key) ? '(hidden)' : shownUrlsIn(value)
}

/** Returns a text for display, without the credentials of URLs, which any text may contain. */
function shownText(row: SettingRow | undefined, text: string): string {
  return row?.type === 'url' ? shownUrl(text) : shownUrlsIn(text)
}
