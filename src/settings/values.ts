import { shownUrl, shownUrlsIn } from '../base/shown-url.ts'
import { parseValue, quote, type Parsed, type SettingValue } from './parse.ts'
import type { PatternRow, SettingRow } from './row.ts'
import type { SettingProblem, SettingSource } from './settings.ts'
import { rowOf, TABLE } from './table.ts'

/** Texts of variables by name. */
export type Texts = Readonly<Record<string, string | undefined>>

/** A configuration file in variables, and where in it each of them stands. */
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

/**
 * The table's variables as this process has them: parsed, with fallbacks and defaults, and with the problems found
 * so far. Every variable is parsed whether or not anything asks for it, so that each mistake is said.
 */
export class Values {
  readonly sources: Readonly<Record<string, SettingSource>>
  readonly #trustsDotEnv: boolean
  readonly #file: DeclaredTexts
  readonly #parsed = new Map<string, Parsed>()
  readonly #texts = new Map<string, string>()
  readonly #complaints = new Map<string, Set<string>>()

  /** `file`: a configuration file in variables, which count where the others say nothing. `trustsDotEnv`: the environment names it. */
  constructor(env: Texts, dotEnv: Texts, file: DeclaredTexts = NO_FILE, trustsDotEnv: boolean = false) {
    this.#trustsDotEnv = trustsDotEnv
    this.#file = file
    const layers: Layers = { env, dotEnv, file: file.texts }
    // Without a prototype: V8 keeps it as a dictionary from the start, instead of one hidden class a name.
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
    // A variable of the environment hides the one in .env even when it is empty: that is how one is unset for a run.
    const source = layers.env[name] !== undefined ? 'env' : layers.dotEnv[name] !== undefined ? 'dotEnv' : 'file'
    const text = layers[source][name]?.trim()
    if (text === undefined || text === '') return
    sources[name] = SOURCES[source]
    this.#texts.set(name, text)
    this.#parsed.set(name, parseValue(row, text))
  }

  /** Whether its value comes from a file that came with the working directory, and that nobody named. */
  isFound(name: string): boolean {
    return this.sources[name] === '.env' && !this.#trustsDotEnv
  }

  /** Whether the variable itself is there, usable or not. */
  isWritten(name: string): boolean {
    return this.#texts.has(name)
  }

  /** Whether the variable itself has a usable value. */
  isSet(name: string): boolean {
    return this.#parsed.get(name)?.value !== undefined
  }

  /** Whether it or a variable it falls back to has one. */
  isGiven(name: string): boolean {
    return this.#inherited(name) !== undefined
  }

  flag(name: string): boolean {
    return this.#value(name) === true
  }

  integer(name: string): number {
    const value = this.#value(name)
    if (typeof value === 'number') return value
    throw new TypeError(`${name} is not an integer row`)
  }

  /** The value of an enum; the table's test holds each type against the row's values. */
  choice<Choice extends string>(name: string): Choice {
    return this.#value(name) as Choice
  }

  choices<Choice extends string>(name: string): readonly Choice[] {
    return (this.#value(name) ?? []) as readonly Choice[]
  }

  list(name: string): readonly string[] | undefined {
    return this.#value(name) as readonly string[] | undefined
  }

  text(name: string): string | undefined {
    return this.#value(name) as string | undefined
  }

  pairs(name: string): ReadonlyMap<string, string> {
    return (this.#value(name) ?? new Map()) as ReadonlyMap<string, string>
  }

  /** Members of a family, by what follows its prefix. */
  family(prefix: string): Readonly<Record<string, string>> {
    const members: [string, string][] = []
    for (const [name, { value }] of this.#parsed) {
      if (name.startsWith(prefix) && rowOf(name)?.type === 'pattern')
        members.push([name.slice(prefix.length), String(value)])
    }
    return Object.fromEntries(members)
  }

  /** What is used, for somebody who looks: without secrets. */
  shown(name: string): string {
    const row = rowOf(name)
    const value = this.#value(name)
    if (value === undefined) return valueText(undefined)
    if (row?.sensitive === true) return '(hidden)'
    if (value instanceof Map) return [...value].map(([key, each]) => `${key}=${shownUrlsIn(each)}`).join(',')
    return shownText(row, valueText(value))
  }

  /** The variable that decides in place of this one, where one does. */
  inheritedFrom(name: string): string | undefined {
    for (let at = rowOf(name)?.fallback; at !== undefined; at = rowOf(at)?.fallback) if (this.isSet(at)) return at
    return undefined
  }

  /** Adds to the one line about a variable. `clause` goes on from its name and value and says what is used instead. */
  complain(name: string, clause: string): void {
    const clauses = this.#complaints.get(name)
    if (clauses === undefined) this.#complaints.set(name, new Set([clause]))
    else clauses.add(clause)
  }

  problems(): SettingProblem[] {
    const problems: SettingProblem[] = []
    for (const [name, { value, complaint }] of this.#parsed) {
      const clauses = [...(this.#complaints.get(name) ?? [])]
      if (complaint !== undefined) clauses.unshift(value === undefined ? this.#withInstead(name, complaint) : complaint)
      if (clauses.length > 0) {
        problems.push({ variable: this.#label(name), message: `${this.#subject(name)} ${clauses.join('; ')}` })
      }
    }
    return problems
  }

  /** The variable, or where in the file it stands. */
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

  #withInstead(name: string, complaint: string): string {
    const row = rowOf(name)
    if (row === undefined || row.noEffect !== undefined) return complaint
    const value = this.#value(name)
    if (value === undefined) return this.#complaints.has(name) ? complaint : `${complaint}; it is ignored`
    if (row.sensitive === true) return complaint
    // It may come from another variable, and is then as little to be trusted as this one's.
    return `${complaint}; using ${shownText(row, valueText(value))}`
  }

  #value(name: string): SettingValue | undefined {
    const value = this.#parsed.get(name)?.value
    if (value !== undefined) return value
    const row = rowOf(name)
    if (row === undefined) throw new TypeError(`${name} is not on the settings table`)
    return row.fallback === undefined ? row.default : (this.#inherited(row.fallback) ?? row.default)
  }

  /** Like `#value`, without the default of the rows passed through: the asking row's own default counts. */
  #inherited(name: string): SettingValue | undefined {
    const value = this.#parsed.get(name)?.value
    if (value !== undefined) return value
    const fallback = rowOf(name)?.fallback
    return fallback === undefined ? undefined : this.#inherited(fallback)
  }
}

/** A value in words, for problem lines and tables. */
export function valueText(value: SettingValue | undefined): string {
  if (value === undefined) return 'none'
  if (value === Infinity) return 'no limit'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',')
  return String(value)
}

/** Without the secrets that URLs carry, of which a text may hold some as well. */
function shownText(row: SettingRow | undefined, text: string): string {
  return row?.type === 'url' ? shownUrl(text) : shownUrlsIn(text)
}
