import type { Attributes } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import { escapeLabelName, isClassicLabel } from './escaping.ts'
import type { EscapingScheme } from './escaping.ts'
import { escapesUnderscores, toClassicLabel, wellFormed } from './names.ts'
import type { TranslationStrategy } from './names.ts'

/** What decides how one attribute set is spelled as labels. */
export interface LabelStyle {
  readonly strategy: TranslationStrategy
  readonly escaping: EscapingScheme
}

export type LabelPair = readonly [name: string, value: string]

/** Labels that make a histogram's bucket and a summary's quantile: a user's are called as Prometheus itself would. */
const RESERVED = new Set(['le', 'quantile'])

/** Label names by attribute key: an application has few, but a faulty one might invent them without end. */
const MAX_KNOWN_NAMES = 2000
const namesByStyle = new Map<string, Map<string, string>>()

/**
 * Attributes (and the scope's, unless left out) as labels, in the order they were given: each name once, none empty.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function toLabelPairs(
  attributes: Attributes,
  scope: InstrumentationScope | undefined,
  style: LabelStyle,
): LabelPair[] {
  const named = new NamedValues(style)
  for (const key of Object.keys(attributes)) named.add(key, toLabelValue(attributes[key]))
  if (scope?.name) named.add('otel_scope_name', wellFormed(scope.name))
  if (scope?.version) named.add('otel_scope_version', wellFormed(scope.version))
  if (scope?.schemaUrl) named.add('otel_scope_schema_url', wellFormed(scope.schemaUrl))
  return named.pairs()
}

/** Collects values by label name. Few enough a point that looking through a list beats a map. */
class NamedValues {
  readonly #names: string[] = []
  readonly #keys: string[][] = []
  readonly #values: string[][] = []
  readonly #known: Map<string, string>
  readonly #style: LabelStyle

  constructor(style: LabelStyle) {
    this.#style = style
    this.#known = knownNames(style)
  }

  add(key: string, value: string): void {
    const name = this.#known.get(key) ?? this.#translated(key)
    const index = this.#names.indexOf(name)
    if (index < 0) {
      this.#names.push(name)
      this.#keys.push([key])
      this.#values.push([value])
    } else {
      this.#keys[index]?.push(key)
      this.#values[index]?.push(value)
    }
  }

  pairs(): LabelPair[] {
    const pairs: LabelPair[] = []
    this.#names.forEach((name, i) => {
      const values = this.#values[i] ?? []
      const value = values.length === 1 ? (values[0] ?? '') : joined(this.#keys[i] ?? [], values)
      // A label with an empty value is the same as no label.
      if (value !== '') pairs.push([name, value])
    })
    return pairs
  }

  #translated(key: string): string {
    const name = translatedName(key, this.#style)
    if (this.#known.size < MAX_KNOWN_NAMES) this.#known.set(key, name)
    return name
  }
}

function knownNames({ strategy, escaping }: LabelStyle): Map<string, string> {
  const id = `${strategy}/${escaping}`
  let known = namesByStyle.get(id)
  if (known === undefined) namesByStyle.set(id, (known = new Map<string, string>()))
  return known
}

/** Values that come to one name, in the order of their original keys, as the specification has it. */
function joined(keys: readonly string[], values: readonly string[]): string {
  return keys
    .map((key, i) => ({ key, value: values[i] ?? '' }))
    .toSorted((a, b) => compare(a.key, b.key))
    .map(({ value }) => value)
    .join(';')
}

/** The inside of a sample's braces. */
export function labelText(pairs: readonly LabelPair[]): string {
  return pairs.map(written).join(',')
}

/** Like `labelText`, and beside it a `key` that is the same whatever the order of the labels. */
export function labelTextAndKey(pairs: readonly LabelPair[]): { text: string; key: string } {
  const parts = pairs.map(written)
  const text = parts.join(',')
  const isSorted = parts.every((part, i) => i === 0 || (parts[i - 1] ?? '') < part)
  // One string where both are the same: there are as many of them as series.
  return { text, key: isSorted ? text : parts.toSorted().join(',') }
}

function written([name, value]: LabelPair): string {
  const quoted = isClassicLabel(name) ? name : `"${escapeQuoted(name)}"`
  return `${quoted}="${escapeQuoted(value)}"`
}

/** Inside double quotes: label values, and names that need quoting. */
export function escapeQuoted(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text
}

function translatedName(key: string, style: LabelStyle): string {
  const translated = escapesUnderscores(style.strategy) ? toClassicLabel(key) : unreserved(wellFormed(key))
  const name = escapeLabelName(translated, style.escaping)
  return RESERVED.has(name) ? `exported_${name}` : name
}

/** Names that begin with two underscores belong to Prometheus itself; `__name__` would rename the series. */
function unreserved(key: string): string {
  return key === '' ? '_' : key.replace(/^_{2,}/, '_')
}

/** https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols */
function toLabelValue(value: unknown): string {
  if (typeof value === 'string') return wellFormed(value)
  if (value === undefined || value === null) return ''
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value !== 'object') return String(value)
  try {
    return wellFormed(JSON.stringify(value) ?? '')
  } catch {
    // Circular, or holding a bigint: against the API's types, but no reason to fail a scrape.
    return '[unserializable]'
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
