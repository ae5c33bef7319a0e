import type { MetricDescriptor } from '@opentelemetry/sdk-metrics'
import type { Exemplar } from './exemplar.ts'
import { OVERFLOW_KEY } from './attribute-keys.ts'
import { commonBoundaries, rebucketed, sameBoundaries } from './boundaries.ts'
import { latestOfEachBucket } from './merge-exemplars.ts'
import { mergeExponential, mergeGauge, mergeHistogram, mergeSum } from './merge-rows.ts'
import { gaugeRule } from './gauge-rules.ts'
import { runAtOnce, type SlicedTask } from '../sdk/sliced-task.ts'
import { ROWS_PER_STEP } from './rows-per-step.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/**
 * Merges the metrics of several processes or threads. Merging is associative and commutative, so it does not matter
 * which answers first.
 */
export function merge(...snapshots: readonly Snapshot[]): Snapshot {
  return runAtOnce(mergeSliced(snapshots))
}

export function* mergeSliced(snapshots: Iterable<Iterable<SnapshotMetric>>, maxPoints?: number): SlicedTask<Snapshot> {
  const merger = new Merger(maxPoints)
  for (const snapshot of snapshots) for (const metric of snapshot) yield* merger.add(metric)
  return yield* merger.result()
}

class Merger {
  readonly #merged = new Map<string, Merged>()
  readonly #maxPoints: number

  /** `maxPoints` limits the attribute sets per metric; further ones are added to the SDK's overflow set. */
  constructor(maxPoints: number = Infinity) {
    this.#maxPoints = maxPoints
  }

  add(metric: SnapshotMetric): SlicedTask<void> {
    const id = metricIdentityOf(metric)
    let merged = this.#merged.get(id)
    if (merged === undefined) this.#merged.set(id, (merged = new Merged(metric, this.#maxPoints)))
    return merged.add(metric)
  }

  *result(): SlicedTask<Snapshot> {
    const metrics: SnapshotMetric[] = []
    for (const merged of this.#merged.values()) metrics.push(yield* merged.toMetric())
    return metrics
  }
}

/** Returns a key for everything that gives a metric's numbers their meaning. Metrics with the same key are merged. */
export function metricIdentityOf({ scope, descriptor, kind }: SnapshotMetric): string {
  return JSON.stringify([scope.name, scope.version, scope.schemaUrl, descriptor.name, descriptor.unit, kind])
}

class Merged {
  readonly #first: SnapshotMetric
  readonly #maxPoints: number
  readonly #mergeRow: (row: number[], other: readonly number[]) => void
  readonly #indexes = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #rows: number[][] = []
  readonly #exemplars: (readonly Exemplar[] | undefined)[] = []
  #descriptor: MetricDescriptor
  #boundaries: readonly number[]

  constructor(first: SnapshotMetric, maxPoints: number) {
    this.#first = first
    this.#maxPoints = maxPoints
    this.#descriptor = first.descriptor
    this.#boundaries = first.boundaries
    this.#mergeRow = rowMerger(first)
  }

  *add({ descriptor, boundaries, keys, rows, exemplars }: SnapshotMetric): SlicedTask<void> {
    this.#descriptor = mergedDescriptor(this.#descriptor, descriptor)
    const common = commonBoundaries(this.#boundaries, boundaries)
    if (common !== this.#boundaries) this.#rebucket(common)
    const isSame = sameBoundaries(boundaries, common)
    for (let i = 0; i < keys.length; i++) {
      const row = rows[i] ?? []
      this.#addPoint(keys[i] ?? '', isSame ? row : rebucketed(row, boundaries, common), exemplars?.[i])
      if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield
    }
    yield
  }

  *toMetric(): SlicedTask<SnapshotMetric> {
    const hasExemplars = this.#exemplars.some((exemplars) => exemplars !== undefined)
    const exemplars: (readonly Exemplar[] | undefined)[] = []
    for (const [i, each] of hasExemplars ? this.#exemplars.entries() : []) {
      exemplars.push(latestOfEachBucket(each, this.#boundaries))
      if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield
    }
    return {
      scope: this.#first.scope,
      descriptor: this.#descriptor,
      kind: this.#first.kind,
      isObserved: this.#first.isObserved,
      boundaries: this.#boundaries,
      keys: this.#keys,
      rows: this.#rows,
      exemplars: hasExemplars ? exemplars : undefined,
    }
  }

  #addPoint(ownKey: string, row: readonly number[], exemplars: readonly Exemplar[] | undefined): void {
    const isFull = this.#keys.length >= this.#maxPoints && !this.#indexes.has(ownKey)
    const key = isFull ? OVERFLOW_KEY : ownKey
    const index = this.#indexes.get(key)
    const known = index === undefined ? undefined : this.#rows[index]
    if (index === undefined || known === undefined) {
      this.#indexes.set(key, this.#keys.length)
      this.#keys.push(key)
      this.#rows.push([...row])
      this.#exemplars.push(exemplars)
      return
    }
    this.#mergeRow(known, row)
    if (exemplars !== undefined) this.#exemplars[index] = [...(this.#exemplars[index] ?? []), ...exemplars]
  }

  #rebucket(boundaries: readonly number[]): void {
    for (const [i, row] of this.#rows.entries()) this.#rows[i] = rebucketed(row, this.#boundaries, boundaries)
    this.#boundaries = boundaries
  }
}

function rowMerger({ kind, descriptor }: SnapshotMetric): (row: number[], other: readonly number[]) => void {
  if (kind === 'histogram') return mergeHistogram
  if (kind === 'exponential') return mergeExponential
  if (kind !== 'gauge') return mergeSum
  const rule = gaugeRule(descriptor.name)
  return (row, other) => mergeGauge(rule, row, other)
}

/**
 * Descriptions may differ between versions of an app. Which one is served must not depend on which process answers
 * first.
 */
function mergedDescriptor(a: MetricDescriptor, b: MetricDescriptor): MetricDescriptor {
  if (a.description === b.description || b.description === '') return a
  return a.description === '' || b.description < a.description ? b : a
}
