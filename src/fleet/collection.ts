import type { Attributes } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { AttributeSets } from './attribute-keys.ts'
import { sameBoundaries } from './boundaries.ts'
import { Slices } from './slices.ts'
import { timesOf, toExponential, toHistogram, toScalar } from './rows.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

type ByScope = Map<InstrumentationScope, MetricData[]>

/**
 * Merged snapshots as what a reader of the SDK collects, so that all that prints metrics prints them too. Scopes, boundaries
 * and attribute sets are the same objects from scrape to scrape.
 */
export class Collections {
  readonly #attributeSets = new AttributeSets()
  readonly #scopes = new Map<string, InstrumentationScope>()
  readonly #boundaries = new Map<string, number[]>()

  async toResult(snapshot: Snapshot, resource: Resource, errors: unknown[]): Promise<CollectionResult> {
    const byScope: ByScope = new Map()
    const slices = new Slices()
    for (const metric of snapshot) {
      this.#add(metric, byScope)
      await slices.rest()
    }
    return this.#result(byScope, resource, errors)
  }

  /** The same at the end of the process, where no promise settles any more. */
  toResultNow(snapshot: Snapshot, resource: Resource, errors: unknown[]): CollectionResult {
    const byScope: ByScope = new Map()
    for (const metric of snapshot) this.#add(metric, byScope)
    return this.#result(byScope, resource, errors)
  }

  #add(metric: SnapshotMetric, byScope: ByScope): void {
    const scope = this.#scopeOf(metric)
    const metrics = byScope.get(scope)
    const attributes = metric.keys.map((key) => this.#attributeSets.get(key))
    const data = this.#dataOf(metric, attributes)
    if (metrics === undefined) byScope.set(scope, [data])
    else metrics.push(data)
  }

  #result(byScope: ByScope, resource: Resource, errors: unknown[]): CollectionResult {
    this.#attributeSets.endOfScrape()
    const scopeMetrics = [...byScope].map(([scope, metrics]) => ({ scope, metrics }))
    return { errors, resourceMetrics: { resource, scopeMetrics } }
  }

  #dataOf(metric: SnapshotMetric, attributes: readonly Attributes[]): MetricData {
    const { descriptor, kind } = metric
    const boundaries = this.#boundariesOf(metric)
    const points = <T>(valueOf: (row: readonly number[]) => T) =>
      metric.rows.map((row, i) => {
        const exemplars = metric.exemplars?.[i]
        const point = { ...timesOf(row), attributes: attributes[i] ?? {}, value: valueOf(row) }
        return exemplars === undefined ? point : { ...point, exemplars }
      })
    const about = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE }
    switch (kind) {
      case 'gauge':
        return { ...about, dataPointType: DataPointType.GAUGE, dataPoints: points(toScalar) }
      case 'histogram': {
        const dataPoints = points((row) => toHistogram(row, boundaries))
        return { ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints }
      }
      case 'exponential':
        return { ...about, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints: points(toExponential) }
      default: {
        const isMonotonic = kind === 'counter'
        return { ...about, dataPointType: DataPointType.SUM, isMonotonic, dataPoints: points(toScalar) }
      }
    }
  }

  #scopeOf({ scope }: SnapshotMetric): InstrumentationScope {
    const id = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    let known = this.#scopes.get(id)
    if (known === undefined) this.#scopes.set(id, (known = scope))
    return known
  }

  /** By the metric: as many as there are instruments. */
  #boundariesOf({ descriptor, boundaries }: SnapshotMetric): number[] {
    if (boundaries.length === 0) return []
    let known = this.#boundaries.get(descriptor.name)
    if (known === undefined || !sameBoundaries(known, boundaries)) {
      this.#boundaries.set(descriptor.name, (known = [...boundaries]))
    }
    return known
  }
}
