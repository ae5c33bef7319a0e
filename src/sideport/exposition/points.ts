import type { Attributes, HrTime } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics'
import { type Exemplars, exemplarsOf } from '../../aggregation/exemplar.ts'
import type { Family, FamilyType } from './families.ts'

/** One labelled value of a family. */
export interface Point<L> {
  readonly labels: L
  value: DataPoint<unknown>['value']
  readonly startTime: HrTime
  readonly attributes: Attributes
  exemplars: Exemplars | undefined
  readonly scope: InstrumentationScope
}

/**
 * The number of points that are prepared between two checks of the clock. It is small, since the first scrape renders
 * all labels in cold code.
 */
const POINTS_A_STEP = 25

/**
 * Returns the points of a family with unique label sets. Different attribute sets may become the same labels (`a.b` and
 * `a_b`; two scopes when scope labels are off), and duplicate series would make the exposition invalid: counts are
 * added up, and the last gauge wins. Yields an empty piece where it may be interrupted.
 */
export function* pointsOf<L extends { readonly key: string }>(
  family: Family,
  labelsOf: (attributes: Attributes, scope: InstrumentationScope) => L,
): Generator<'', Point<L>[]> {
  const points: Point<L>[] = []
  const indexes = new Map<string, number>()
  let done = 0
  for (const { metric, scope } of family.parts) {
    for (const dataPoint of metric.dataPoints as readonly DataPoint<unknown>[]) {
      const { attributes, value, startTime } = dataPoint
      const exemplars = exemplarsOf(dataPoint)
      const labels = labelsOf(attributes, scope)
      const known = indexes.get(labels.key)
      const earlier = known === undefined ? undefined : points[known]
      if (earlier === undefined) {
        indexes.set(labels.key, points.length)
        points.push({ labels, value, startTime, attributes, exemplars, scope })
      } else {
        earlier.value = merged(family.type, earlier.value, value)
        earlier.exemplars = [...(earlier.exemplars ?? []), ...(exemplars ?? [])]
      }
      if (++done % POINTS_A_STEP === 0) yield ''
    }
  }
  return points
}

function merged(type: FamilyType, earlier: unknown, later: unknown): unknown {
  if (type === 'gauge') return later
  if (type === 'counter' || type === 'unknown') return Number(earlier) + Number(later)
  if (type === 'histogram') return mergedHistogram(earlier as Histogram, later as Histogram)
  return earlier
}

function mergedHistogram(earlier: Histogram, later: Histogram): Histogram {
  const { boundaries, counts } = earlier.buckets
  const others = later.buckets
  const isSame =
    others.boundaries.length === boundaries.length && others.boundaries.every((bound, i) => bound === boundaries[i])
  if (!isSame) return earlier
  return {
    buckets: { boundaries, counts: counts.map((count, i) => count + (others.counts[i] ?? 0)) },
    count: earlier.count + later.count,
    sum: (earlier.sum ?? 0) + (later.sum ?? 0),
  }
}
