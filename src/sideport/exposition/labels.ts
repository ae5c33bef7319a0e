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
const MAX_KNOWN_NAMES = 5000
const knownNames = new Map<string, string>()

/**
 * Attributes (and the scope's, unless left out) as labels, in the order they were given: each name once, none empty.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function toLabelPairs(
  attributes: Attributes,
  scope: InstrumentationScope | undefined,
  style: LabelStyle,
): LabelPair[] {
  const named: Named[] = []
  for (const key of Object.keys(attributes)) {
    named.push({ name: labelName(key, style), key, value: toLabelValue(attributes[key]) })
  }
  for (const [key, value] of scopeAttributes(scope)) named.push({ name: labelName(key, style), key, value })
  return joined(named)
}

/** The inside of a sample's braces. */
export function labelText(pairs: readonly LabelPair[]): string {
  let text = ''
  for (const [name, value] of pairs) {
    const written = isClassicLabel(name) ? name : `"${escapeQuoted(name)}"`
    text += `${text === '' ? '' : ','}${written}="${escapeQuoted(value)}"`
  }
  return text
}

/** The same text for the same labels, whatever their order. */
export function labelKey(pairs: readonly LabelPair[]): string {
  const isSorted = pairs.every(([name], i) => i === 0 || compare(pairs[i - 1]?.[0] ?? '', name) < 0)
  return labelText(isSorted ? pairs : pairs.toSorted(([a], [b]) => compare(a, b)))
}

/** Inside double quotes: label values, and names that need quoting. */
export function escapeQuoted(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text
}

interface Named {
  readonly name: string
  readonly key: string
  readonly value: string
}

function joined(named: readonly Named[]): LabelPair[] {
  const byName = new Map<string, Named[]>()
  for (const one of named) {
    const same = byName.get(one.name)
    if (same === undefined) byName.set(one.name, [one])
    else same.push(one)
  }
  const pairs: LabelPair[] = []
  for (const [name, same] of byName) {
    // Joined in the order of the original keys, as the specification has it.
    const value = same
      .toSorted((a, b) => compare(a.key, b.key))
      .map((one) => one.value)
      .join(';')
    // A label with an empty value is the same as no label.
    if (value !== '') pairs.push([name, value])
  }
  return pairs
}

function scopeAttributes(scope: InstrumentationScope | undefined): [string, string][] {
  if (scope === undefined) return []
  const found: [string, string][] = []
  if (scope.name) found.push(['otel_scope_name', wellFormed(scope.name)])
  if (scope.version) found.push(['otel_scope_version', wellFormed(scope.version)])
  if (scope.schemaUrl) found.push(['otel_scope_schema_url', wellFormed(scope.schemaUrl)])
  return found
}

function labelName(key: string, style: LabelStyle): string {
  const id = `${style.strategy}/${style.escaping}/${key}`
  let name = knownNames.get(id)
  if (name === undefined) {
    name = translatedName(key, style)
    if (knownNames.size < MAX_KNOWN_NAMES) knownNames.set(id, name)
  }
  return name
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
