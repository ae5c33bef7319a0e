import type { Attributes } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { escapeName } from './escaping.ts'
import type { EscapingScheme } from './escaping.ts'
import { isMonotonicSum, metricName, wellFormed } from './names.ts'
import type { TranslationStrategy } from '../../settings/settings.ts'

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'exponential' | 'unknown'

/** All metrics that are exposed under one name, whatever their scope. */
export interface Family {
  /** The name; for a counter with `_total`, like its samples. */
  readonly name: string
  readonly type: FamilyType
  help: string
  unit: string
  readonly parts: { readonly metric: MetricData; readonly scope: InstrumentationScope }[]
}

export interface Naming {
  readonly strategy: TranslationStrategy
  readonly escaping: EscapingScheme
  /**
   * Whether the format is OpenMetrics, which names a counter's family without `_total` and has `_created`, so that more
   * names may clash.
   */
  readonly openMetrics: boolean
}

/** Reports a dropped or ambiguous metric. `key` identifies the problem across scrapes. */
export type ReportProblem = (key: string, message: string, severity: 'loss' | 'ambiguity') => void

/** Attributes that may contain secrets and are useless as labels. */
const UNPUBLISHED = new Set(['process.command_args', 'process.command_line'])

/**
 * Groups metrics by Prometheus name. A name has one type, help and unit in an exposition: the first type wins and
 * metrics of other types are dropped; the first help and unit win. Yields an empty piece where it may be interrupted.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function* toFamilies(result: CollectionResult, naming: Naming, report: ReportProblem): Generator<'', Family[]> {
  const families = new Map<string, Family>()
  for (const { scope, metrics } of result.resourceMetrics.scopeMetrics) {
    for (const metric of metrics) {
      addMetric(families, metric, scope, naming, report)
      yield ''
    }
  }
  return withoutClashes([...families.values()], naming.openMetrics, report)
}

/** Returns the labels of `target_info`; undefined while the resource is incomplete, or when it is empty. */
export function targetInfoAttributes(result: CollectionResult): Attributes | undefined {
  const { resource } = result.resourceMetrics
  if (resource.asyncAttributesPending) return undefined
  const entries = Object.entries(resource.attributes).filter(([key]) => !UNPUBLISHED.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function addMetric(
  families: Map<string, Family>,
  metric: MetricData,
  scope: InstrumentationScope,
  naming: Naming,
  report: ReportProblem,
): void {
  const translated = metricName(metric, naming.strategy)
  const original = JSON.stringify(metric.descriptor.name)
  if (translated === undefined)
    return report(`name ${original}`, `metric ${original} has no usable name: dropped`, 'loss')
  const type = familyType(metric)
  // A scraper cannot interpret deltas.
  if (type === undefined)
    return report(`delta ${original}`, `metric ${original} has delta temporality: dropped`, 'loss')
  const name = escapeName(translated.name, naming.escaping)
  const family = families.get(name)
  const help = wellFormed(metric.descriptor.description)
  if (family === undefined) {
    families.set(name, { name, type, help, unit: translated.unit, parts: [{ metric, scope }] })
    return
  }
  if (family.type !== type) {
    report(`type ${name} ${type}`, `metric ${name} is both ${family.type} and ${type}: the ${type} is dropped`, 'loss')
    return
  }
  family.help ||= help
  family.unit ||= translated.unit
  if (help !== '' && help !== family.help) {
    report(`help ${name}`, `metric ${name} has several descriptions: the first is shown`, 'ambiguity')
  }
  family.parts.push({ metric, scope })
}

function familyType(metric: MetricData): FamilyType | undefined {
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge'
  if (metric.dataPointType === DataPointType.SUM && !isMonotonicSum(metric)) return 'gauge'
  if (metric.aggregationTemporality !== AggregationTemporality.CUMULATIVE) return undefined
  if (metric.dataPointType === DataPointType.SUM) return 'counter'
  return metric.dataPointType === DataPointType.HISTOGRAM ? 'histogram' : 'exponential'
}

/**
 * Drops families whose names clash. A histogram `x` owns `x_count`, so a gauge of that name would make the exposition
 * invalid. In OpenMetrics a counter `x_total` also owns `x`; when that is taken, the counter is exposed with type
 * unknown.
 */
function withoutClashes(families: readonly Family[], openMetrics: boolean, report: ReportProblem): Family[] {
  const owners = new Map<string, string>([
    ['target_info', 'target_info'],
    ['target', 'target_info'],
  ])
  if (!openMetrics) owners.delete('target')
  const kept = new Set<Family>()
  const claim = (family: Family): boolean => {
    const names = ownedNames(family, openMetrics)
    const taken = names.find((name) => owners.has(name))
    if (taken !== undefined) {
      if (family.type !== 'counter' || !openMetrics) {
        const other = owners.get(taken) ?? taken
        report(`clash ${family.name}`, `metric ${family.name} clashes with ${other}: it is dropped`, 'loss')
      }
      return false
    }
    for (const name of names) owners.set(name, family.name)
    kept.add(family)
    return true
  }
  for (const family of families) if (family.type !== 'counter') claim(family)
  const result = new Map(families.map((family) => [family, family]))
  for (const family of families) {
    if (family.type !== 'counter') continue
    const isNamedAsCounter = !openMetrics || family.name.endsWith('_total')
    if (isNamedAsCounter && claim(family)) continue
    if (!openMetrics) continue
    const unknown: Family = { ...family, type: 'unknown', unit: '' }
    if (claim(unknown)) result.set(family, unknown)
  }
  return [...result.values()].filter((family) => kept.has(family))
}

function ownedNames(family: Family, openMetrics: boolean): string[] {
  const { name, type } = family
  if (type === 'histogram' || type === 'exponential') {
    const own = [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]
    return openMetrics ? [...own, `${name}_created`] : own
  }
  if (type !== 'counter' || !openMetrics) return [name]
  const base = name.slice(0, -'_total'.length)
  return [base, name, `${base}_created`]
}
