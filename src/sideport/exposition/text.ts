import type { Attributes } from '@opentelemetry/api'
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'
import { isClassicName } from './escaping.ts'
import type { Exemplar } from '../../aggregation/exemplar.ts'
import { exemplarLabels, exemplarsByBucket, latestExemplar } from './exemplars.ts'
import { toClassicBuckets } from './exponential.ts'
import type { Family } from './families.ts'
import type { LabelCache, Labels } from './label-cache.ts'
import { escapeQuoted, labelText } from './labels.ts'
import type { LabelStyle } from './labels.ts'
import { canonicalNumber, secondsOfMs, secondsText, numberText } from './numbers.ts'
import { pointsOf } from './points.ts'
import type { Point } from './points.ts'

export interface TextContext {
  readonly openMetrics: boolean
  readonly style: LabelStyle
  readonly labels: LabelCache
}

type Sample = Point<Labels>

/** The approximate size of the pieces. */
const PIECE_CHARACTERS = 32 * 1024
/** The points that are written between two checks of the clock. */
const POINTS_A_STEP = 25

/**
 * Yields the text exposition in pieces. An empty piece only gives the caller an opportunity to yield.
 * https://prometheus.io/docs/instrumenting/exposition_formats/,
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
export function* textChunks(
  families: readonly Family[],
  target: Attributes | undefined,
  context: TextContext,
): Generator<string> {
  const labelsOf = context.labels.labelsOf(context.style)
  let written = 0
  let text = target === undefined ? '' : targetInfo(target, context)
  for (const family of families) {
    const points = yield* pointsOf(family, labelsOf)
    const write = sampleWriter(family, context)
    text += comments(family, context)
    for (const point of points) {
      text += write(point)
      if (text.length >= PIECE_CHARACTERS) {
        yield text
        text = ''
      } else if (++written % POINTS_A_STEP === 0) yield ''
    }
  }
  if (context.openMetrics) text += '# EOF\n'
  if (text !== '') yield text
}

function targetInfo(attributes: Attributes, context: TextContext): string {
  const pairs = context.labels.pairsOf(attributes, { name: '' }, context.style)
  const labels = labelText(pairs)
  const family = context.openMetrics ? 'target' : 'target_info'
  const type = context.openMetrics ? 'info' : 'gauge'
  const sample = labels === '' ? 'target_info' : `target_info{${labels}}`
  return `# HELP ${family} Target metadata\n# TYPE ${family} ${type}\n${sample} 1\n`
}

function comments(family: Family, { openMetrics }: TextContext): string {
  const name = openMetrics && family.type === 'counter' ? family.name.slice(0, -'_total'.length) : family.name
  const written = isClassicName(name) ? name : `"${escapeQuoted(name)}"`
  const help = family.help === '' ? '' : `# HELP ${written} ${escapeHelp(family.help, openMetrics)}\n`
  const unit = unitOf(family, name)
  return `${help}# TYPE ${written} ${typeText(family, openMetrics)}\n${unit === '' ? '' : `# UNIT ${written} ${unit}\n`}`
}

function typeText({ type }: Family, openMetrics: boolean): string {
  if (type === 'exponential') return 'histogram'
  return type === 'unknown' && !openMetrics ? 'untyped' : type
}

/** In OpenMetrics the name of a family with a unit must end with it. */
function unitOf(family: Family, name: string): string {
  const base = name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
  return family.unit !== '' && base.endsWith(`_${family.unit}`) ? family.unit : ''
}

function escapeHelp(help: string, openMetrics: boolean): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return openMetrics ? escaped.replaceAll('"', '\\"') : escaped
}

function sampleWriter(family: Family, context: TextContext): (point: Sample) => string {
  if (family.type === 'histogram') return histogramWriter(family, context, classicValue)
  if (family.type === 'exponential') return histogramWriter(family, context, exponentialValue)
  if (family.type === 'counter' && context.openMetrics) return counterWriter(family, context)
  const open = opening(family.name)
  return (point) => `${open(point.labels.text)}${numberText(point.value as number)}\n`
}

function counterWriter(family: Family, context: TextContext): (point: Sample) => string {
  const total = opening(family.name)
  const created = opening(`${family.name.slice(0, -'_total'.length)}_created`)
  return (point) => {
    const value = point.value as number
    // A counter that was made to decrease or became NaN has no valid value in OpenMetrics.
    if (!(value >= 0)) return ''
    const key = point.labels.text
    const suffix = point.exemplars === undefined ? '' : exemplarText(latestExemplar(point.exemplars), context)
    return `${total(key)}${numberText(value)}${suffix}\n${created(key)}${secondsText(point.startTime)}\n`
  }
}

interface HistogramValue {
  readonly boundaries: readonly number[]
  readonly counts: readonly number[]
  readonly count: number
  readonly sum: number | undefined
}

function classicValue(value: unknown): HistogramValue {
  const { buckets, count, sum } = value as Histogram
  return { boundaries: buckets.boundaries, counts: buckets.counts, count, sum }
}

function exponentialValue(value: unknown): HistogramValue {
  const histogram = value as ExponentialHistogram
  return { ...toClassicBuckets(histogram), count: histogram.count, sum: histogram.sum }
}

function histogramWriter(
  family: Family,
  context: TextContext,
  valueOf: (value: unknown) => HistogramValue,
): (point: Sample) => string {
  const { openMetrics } = context
  const [count, sum, created] = ['_count', '_sum', '_created'].map((suffix) => opening(family.name + suffix)) as [
    Opening,
    Opening,
    Opening,
  ]
  const bucketOpen = openBraces(`${family.name}_bucket`)
  let bounds: readonly number[] | undefined
  let bucketEnds: readonly string[] = []
  return (point) => {
    const value = valueOf(point.value)
    const key = point.labels.text
    if (value.boundaries !== bounds) {
      // All points of an instrument share this array, so its text is rendered once.
      bounds = value.boundaries
      bucketEnds = [...bounds, Infinity].map((bound) => `le="${boundText(bound, openMetrics)}"} `)
    }
    const exemplars = openMetrics ? point.exemplars : undefined
    const byBucket = exemplars === undefined ? undefined : exemplarsByBucket(exemplars, value.boundaries)
    const start = key === '' ? bucketOpen : `${bucketOpen}${key},`
    let text = ''
    let cumulative = 0
    for (let i = 0; i < bucketEnds.length; i++) {
      cumulative += value.counts[i] ?? 0
      const exemplar = byBucket === undefined ? '' : exemplarText(byBucket[i], context)
      text += `${start}${bucketEnds[i]}${cumulative}${exemplar}\n`
    }
    if (hasSum(value, openMetrics)) {
      text += `${sum(key)}${numberText(value.sum ?? NaN)}\n${count(key)}${cumulative}\n`
    }
    if (openMetrics) text += `${created(key)}${secondsText(point.startTime)}\n`
    return text
  }
}

/** In OpenMetrics sums must not decrease: there is none when values may be negative, and no count without a sum. */
function hasSum(value: HistogramValue, openMetrics: boolean): boolean {
  if (!openMetrics) return value.sum !== undefined
  return value.sum !== undefined && value.sum >= 0 && !((value.boundaries[0] ?? 0) < 0)
}

function boundText(bound: number, openMetrics: boolean): string {
  return openMetrics ? canonicalNumber(bound) : numberText(bound)
}

function exemplarText(exemplar: Exemplar | undefined, context: TextContext): string {
  if (exemplar === undefined) return ''
  const labels = exemplarLabels(exemplar, (attributes) =>
    context.labels.pairsOf(attributes, { name: '' }, context.style),
  )
  return ` # {${labelText(labels)}} ${numberText(exemplar.value)} ${secondsOfMs(exemplar.timestampMs)}`
}

type Opening = (labels: string) => string

/** Returns the part of a line before the value. A name that is not classic is quoted inside the braces. */
function opening(name: string): Opening {
  const classic = isClassicName(name)
  const bare = classic ? `${name} ` : `{"${escapeQuoted(name)}"} `
  const braces = openBraces(name)
  return (labels) => (labels === '' ? bare : `${braces}${labels}} `)
}

function openBraces(name: string): string {
  return isClassicName(name) ? `${name}{` : `{"${escapeQuoted(name)}",`
}
