import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { MetricData } from '@opentelemetry/sdk-metrics'
import type { TranslationStrategy } from '../../settings/settings.ts'
import { unitInWords } from './units.ts'

export interface MetricName {
  /** The name of a gauge's or counter's sample; a histogram's samples add a suffix. */
  readonly name: string
  /** The unit in words; empty when the name does not end with it, as `# UNIT` requires. */
  readonly unit: string
}

/** Returns the Prometheus name of a metric, before escaping; undefined when nothing of it is usable. */
export function metricName(metric: MetricData, strategy: TranslationStrategy): MetricName | undefined {
  const isCounter = isMonotonicSum(metric)
  const unit = unitInWords(metric.descriptor.unit, metric.dataPointType === DataPointType.GAUGE)
  const original = wellFormed(metric.descriptor.name)
  const name = escapesUnderscores(strategy) ? toClassicName(original) : original
  if (name === '' || name === '_') return undefined
  if (!addsSuffixes(strategy)) {
    const base = isCounter ? withoutTotal(name) : name
    return { name, unit: unit !== '' && endsWithWord(base, unit) ? unit : '' }
  }
  // The unit precedes the type's suffix: foo_total in seconds is foo_seconds_total.
  const base = isCounter ? withoutTotal(name) : name
  const withUnit = unit === '' || endsWithWord(base, unit) ? base : `${base}_${unit}`
  return { name: isCounter ? `${withUnit}_total` : withUnit, unit }
}

export function isMonotonicSum(metric: MetricData): boolean {
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic
}

export function escapesUnderscores(strategy: TranslationStrategy): boolean {
  return strategy === 'UnderscoreEscapingWithSuffixes' || strategy === 'UnderscoreEscapingWithoutSuffixes'
}

function addsSuffixes(strategy: TranslationStrategy): boolean {
  return strategy === 'UnderscoreEscapingWithSuffixes' || strategy === 'NoUTF8EscapingWithSuffixes'
}

/** Colons are replaced too: they are reserved for recording rules. */
function toClassicName(name: string): string {
  const replaced = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_')
  return /^[0-9]/.test(replaced) ? `_${replaced}` : replaced
}

/** Converts to a classic label name. Consecutive underscores become one, which also avoids `__name__`. */
export function toClassicLabel(name: string): string {
  const replaced = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_')
  return replaced === '' || /^[0-9]/.test(replaced) ? `_${replaced}` : replaced
}

/** Replaces lone surrogates, which UTF-8 cannot encode, and NUL characters, at which some scrapers' lexers stop. */
export function wellFormed(text: string): string {
  // Exists since Node.js 20, but not in the library typings of es2023.
  const whole = (text as unknown as { toWellFormed(): string }).toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole
}

function withoutTotal(name: string): string {
  return name.length > 6 && name.endsWith('_total') ? name.slice(0, -6) : name
}

function endsWithWord(name: string, word: string): boolean {
  if (!name.endsWith(word)) return false
  const before = name.at(-word.length - 1)
  return before === undefined || before === '_' || before === '.'
}
