import type { Attributes, HrTime } from '@opentelemetry/api'
import type { Histogram } from '@opentelemetry/sdk-metrics'
import type { Exemplar, Exemplars } from '../aggregation/exemplar.ts'
import type { ExemplarSpan } from './exemplar-filter.ts'
import type { Accumulation, Aggregator } from './sdk-internals.ts'

/** Returns the slot of a series whose exemplar a measurement replaces. */
type SlotOf = (accumulation: Accumulation, value: number) => number

const SUM = 1
const HISTOGRAM = 3
const EXPONENTIAL_HISTOGRAM = 4

/**
 * Returns how exemplars are kept: the last one of a counter, the last one per bucket of a histogram. Returns undefined
 * for aggregations without exemplars.
 */
export function slotsOf({ kind }: Aggregator): SlotOf | undefined {
  if (kind === SUM) return () => 0
  if (kind === HISTOGRAM) return bucketOf
  return kind === EXPONENTIAL_HISTOGRAM ? magnitudeOf : undefined
}

function bucketOf(accumulation: Accumulation, value: number): number {
  const { boundaries } = (accumulation.toPointValue() as Histogram).buckets
  let low = 0
  let high = boundaries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((boundaries[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The size of the specification's reservoir for exponential histograms. */
const MAGNITUDES = 20

/**
 * Uses powers of two, since the buckets of an exponential histogram move. That keeps the few slow measurements beside
 * the many fast ones.
 */
function magnitudeOf(_: Accumulation, value: number): number {
  const magnitude = Math.floor(Math.log2(Math.abs(value))) % MAGNITUDES
  return Number.isNaN(magnitude) ? 0 : (magnitude + MAGNITUDES) % MAGNITUDES
}

/**
 * An exemplar within an accumulation. Each measurement overwrites the one in its slot, and no id is converted to text
 * for it.
 */
export interface KeptExemplar {
  value: number
  timestampMs: number
  span: ExemplarSpan
  filteredAttributes: Attributes | undefined
}

export type KeptExemplars = (KeptExemplar | undefined)[]

export function keepExemplar(
  accumulation: Accumulation,
  slot: number,
  value: number,
  timestampMs: number,
  span: ExemplarSpan,
  filteredAttributes: Attributes | undefined,
): void {
  const exemplars = (accumulation.exemplars ??= [])
  const kept = exemplars[slot]
  if (kept === undefined) {
    exemplars[slot] = { value, timestampMs, span, filteredAttributes }
    return
  }
  kept.value = value
  kept.timestampMs = timestampMs
  kept.span = span
  kept.filteredAttributes = filteredAttributes
}

/** Returns a copy, so that an export in progress does not see changes. */
function read(kept: KeptExemplar | undefined): Exemplar | undefined {
  if (kept === undefined) return undefined
  const { value, timestampMs, span, filteredAttributes } = kept
  return { value, timestampMs, traceId: span.traceId, spanId: span.spanId, filteredAttributes }
}

/** Wraps an aggregator of the SDK and carries exemplars from the accumulations to the data points. */
export class ExemplarAggregator implements Aggregator {
  readonly kind: number
  readonly #aggregator: Aggregator

  constructor(aggregator: Aggregator) {
    this.kind = aggregator.kind
    this.#aggregator = aggregator
  }

  createAccumulation(startTime: HrTime): Accumulation | undefined {
    return this.#aggregator.createAccumulation(startTime)
  }

  merge(previous: Accumulation, delta: Accumulation): Accumulation {
    const merged = this.#aggregator.merge(previous, delta)
    merged.exemplars = latest(previous.exemplars, delta.exemplars)
    return merged
  }

  diff(previous: Accumulation, current: Accumulation): Accumulation {
    return this.#aggregator.diff(previous, current)
  }

  toMetricData(
    ...[instrument, temporality, series, endTime]: Parameters<Aggregator['toMetricData']>
  ): ReturnType<Aggregator['toMetricData']> {
    const metric = this.#aggregator.toMetricData(instrument, temporality, series, endTime)
    const points = metric.dataPoints as readonly { exemplars?: Exemplars }[]
    for (let i = 0; i < series.length; i++) {
      const exemplars = series[i]?.[1].exemplars
      const point = points[i]
      if (exemplars !== undefined && point !== undefined) point.exemplars = exemplars.map(read)
    }
    return metric
  }
}

/** Returns a new array when both have exemplars, so that an export in progress keeps its own. */
function latest(previous: KeptExemplars | undefined, delta: KeptExemplars | undefined): KeptExemplars | undefined {
  if (previous === undefined || delta === undefined) return delta ?? previous
  const merged = previous.slice()
  for (let i = 0; i < delta.length; i++) {
    const exemplar = delta[i]
    if (exemplar !== undefined) merged[i] = exemplar
  }
  return merged
}
