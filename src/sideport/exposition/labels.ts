import type { Attributes } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import { escapeLabelName, isClassicLabel } from './escaping.ts'
import type { EscapingScheme } from './escaping.ts'
import { escapesUnderscores, toClassicLabel, wellFormed } from './names.ts'
import type { TranslationStrategy } from '../../settings/settings.ts'

/** What determines how an attribute set is rendered as labels. */
export interface LabelStyle {
  readonly strategy: TranslationStrategy
  readonly escaping: EscapingScheme
}

export type LabelPair = readonly [name: string, value: string]

/**
 * The labels of a histogram's bucket and a summary's quantile. User labels of these names are renamed as Prometheus
 * does.
 */
const RESERVED = new Set(['le', 'quantile'])

/** Limit of cached label names: a faulty app might generate names endlessly. */
const MAX_KNOWN_NAMES = 2000
const namesByStyle = new Map<string, Map<string, string>>()
/** Rendered labels up to their value. */
const openings = new Map<string, string>()

/**
 * Converts attributes (and those of the scope, if given) to labels in their given order, with unique names and no empty
 * values. https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function toLabelPairs(
  attributes: Attributes,
  scope: InstrumentationScope | undefined,
  style: LabelStyle,
): LabelPair[] {
  const known = knownNames(style)
  const keys: string[] = []
  const names: string[] = []
  const values: string[] = []
  let isPlain = true
  const add = (key: string, value: string): void => {
    const name = known.get(key) ?? translatedAndKept(key, style, known)
    isPlain &&= value !== '' && !names.includes(name)
    keys.push(key)
    names.push(name)
    values.push(value)
  }
  for (const key of Object.keys(attributes)) add(key, toLabelValue(attributes[key]))
  if (scope?.name) add('otel_scope_name', wellFormed(scope.name))
  if (scope?.version) add('otel_scope_version', wellFormed(scope.version))
  if (scope?.schemaUrl) add('otel_scope_schema_url', wellFormed(scope.schemaUrl))
  return isPlain ? names.map((name, i) => [name, values[i] ?? '']) : joinedPairs(keys, names, values)
}

/** Handles the cases where several keys become one name, or a value is empty, which equals no label. */
function joinedPairs(keys: readonly string[], names: readonly string[], values: readonly string[]): LabelPair[] {
  const byName = new Map<string, number[]>()
  names.forEach((name, i) => byName.set(name, [...(byName.get(name) ?? []), i]))
  return [...byName].flatMap(([name, indexes]): LabelPair[] => {
    const [first = 0, ...others] = indexes
    const value = others.length === 0 ? (values[first] ?? '') : joined(indexes, keys, values)
    return value === '' ? [] : [[name, value]]
  })
}

function knownNames({ strategy, escaping }: LabelStyle): Map<string, string> {
  const id = `${strategy}/${escaping}`
  let known = namesByStyle.get(id)
  if (known === undefined) namesByStyle.set(id, (known = new Map<string, string>()))
  return known
}

function translatedAndKept(key: string, style: LabelStyle, known: Map<string, string>): string {
  const name = translatedName(key, style)
  if (known.size < MAX_KNOWN_NAMES) known.set(key, name)
  return name
}

/** Joins the values of one name, ordered by their original keys, as the specification requires. */
function joined(indexes: readonly number[], keys: readonly string[], values: readonly string[]): string {
  return indexes
    .toSorted((a, b) => compare(keys[a] ?? '', keys[b] ?? ''))
    .map((i) => values[i] ?? '')
    .join(';')
}

/** Returns the text between the braces of a sample. */
export function labelText(pairs: readonly LabelPair[]): string {
  return pairs.map(written).join(',')
}

/** Returns the same text with a `key` that does not depend on the order of the labels. */
export function labelTextAndKey(pairs: readonly LabelPair[]): { text: string; key: string } {
  const parts = pairs.map(written)
  const text = parts.join(',')
  // One string is used where both are equal, since there are as many as series.
  return { text, key: sortInPlace(parts) ? parts.join(',') : text }
}

/** Insertion sort, which is much faster for a handful of labels. Returns false when they were sorted already. */
function sortInPlace(parts: string[]): boolean {
  let moved = false
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] ?? ''
    let to = i
    for (; to > 0 && (parts[to - 1] ?? '') > part; to--) parts[to] = parts[to - 1] ?? ''
    if (to === i) continue
    parts[to] = part
    moved = true
  }
  return moved
}

function written([name, value]: LabelPair): string {
  return `${openings.get(name) ?? openingOf(name)}${escapeQuoted(value)}"`
}

function openingOf(name: string): string {
  const opening = `${isClassicLabel(name) ? name : `"${escapeQuoted(name)}"`}="`
  if (openings.size < MAX_KNOWN_NAMES) openings.set(name, opening)
  return opening
}

/** Escapes text within double quotes: label values, and names that need quoting. */
export function escapeQuoted(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text
}

function translatedName(key: string, style: LabelStyle): string {
  const translated = escapesUnderscores(style.strategy) ? toClassicLabel(key) : unreserved(wellFormed(key))
  const name = escapeLabelName(translated, style.escaping)
  return RESERVED.has(name) ? `exported_${name}` : name
}

/** Names that begin with two underscores are reserved by Prometheus; `__name__` would rename the series. */
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
    // The value is circular or contains a bigint, which the API's types forbid, but must not fail a scrape.
    return '[unserializable]'
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
