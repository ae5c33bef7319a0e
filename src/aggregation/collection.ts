import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, DataPoint, MetricData } from '@opentelemetry/sdk-metrics'
import { DecodedAttributes } from './attribute-keys.ts'
import { sameBoundaries } from './boundaries.ts'
import type { SlicedTask } from '../sdk/sliced-task.ts'
import { ROWS_PER_STEP } from './rows-per-step.ts'
import { timesOf, toExponential, toHistogram, toScalar } from './rows.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/**
 * Converts merged snapshots to what a reader of the SDK collects, so that every exporter can serve them. Scopes,
 * boundaries and attribute sets are the same objects from scrape to scrape.
 */
export class Collections {
  readonly #attributeSets = new DecodedAttributes()
  readonly #scopes = new Map<string, InstrumentationScope>()
  readonly #boundaries = new Map<string, number[]>()
  readonly #temporalityOf: (metric: SnapshotMetric) => AggregationTemporality

  constructor(
    temporalityOf: (metric: SnapshotMetric) => AggregationTemporality = () => AggregationTemporality.CUMULATIVE,
  ) {
    this.#temporalityOf = temporalityOf
  }

  *toResult(snapshot: Snapshot, resource: Resource, errors: unknown[]): SlicedTask<CollectionResult> {
    const byScope = new Map<InstrumentationScope, MetricData[]>()
    for (const metric of snapshot) {
      const scope = this.#scopeOf(metric)
      const data = yield* this.#dataOf(metric)
      const metrics = byScope.get(scope)
      if (metrics === undefined) byScope.set(scope, [data])
      else metrics.push(data)
    }
    this.#attributeSets.endOfScrape()
    const scopeMetrics = [...byScope].map(([scope, metrics]) => ({ scope, metrics }))
    return { errors, resourceMetrics: { resource, scopeMetrics } }
  }

  *#dataOf(metric: SnapshotMetric): SlicedTask<MetricData> {
    const { descriptor, kind } = metric
    const boundaries = this.#boundariesOf(metric)
    const about = { descriptor, aggregationTemporality: this.#temporalityOf(metric) }
    switch (kind) {
      case 'gauge':
        return { ...about, dataPointType: DataPointType.GAUGE, dataPoints: yield* this.#pointsOf(metric, toScalar) }
      case 'histogram': {
        const dataPoints = yield* this.#pointsOf(metric, (row) => toHistogram(row, boundaries))
        return { ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints }
      }
      case 'exponential':
        return {
          ...about,
          dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
          dataPoints: yield* this.#pointsOf(metric, toExponential),
        }
      default: {
        const isMonotonic = kind === 'counter'
        return {
          ...about,
          dataPointType: DataPointType.SUM,
          isMonotonic,
          dataPoints: yield* this.#pointsOf(metric, toScalar),
        }
      }
    }
  }

  *#pointsOf<T>(metric: SnapshotMetric, valueOf: (row: readonly number[]) => T): SlicedTask<DataPoint<T>[]> {
    const points: DataPoint<T>[] = []
    for (const [i, row] of metric.rows.entries()) {
      const exemplars = metric.exemplars?.[i]
      const attributes = this.#attributeSets.get(metric.keys[i] ?? '[]')
      const point = { ...timesOf(row), attributes, value: valueOf(row) }
      points.push(exemplars === undefined ? point : Object.assign(point, { exemplars }))
      if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield
    }
    yield
    return points
  }

  #scopeOf({ scope }: SnapshotMetric): InstrumentationScope {
    const id = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    let known = this.#scopes.get(id)
    if (known === undefined) this.#scopes.set(id, (known = scope))
    return known
  }

  /** Cached by metric name, so there are as many as there are instruments. */
  #boundariesOf({ descriptor, boundaries }: SnapshotMetric): number[] {
    if (boundaries.length === 0) return []
    let known = this.#boundaries.get(descriptor.name)
    if (known === undefined || !sameBoundaries(known, boundaries)) {
      this.#boundaries.set(descriptor.name, (known = [...boundaries]))
    }
    return known
  }
}
