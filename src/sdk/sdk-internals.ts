import type { Attributes, Context, HrTime } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type {
  AggregationTemporality,
  DataPoint,
  ExponentialHistogram,
  Histogram,
  InstrumentType,
  MetricData,
} from '@opentelemetry/sdk-metrics'
import type { KeptExemplars } from './exemplar-aggregator.ts'

/** What `metric-storage.ts` uses of the inside of sdk-metrics 3.0 (its `state` and `aggregator`); the version is inlined. */

/** What is kept of one series between two collections, and the exemplars that we keep with it. */
export interface Accumulation {
  record(value: number): void
  toPointValue(): number | Histogram | ExponentialHistogram
  exemplars?: KeptExemplars | undefined
}

export interface Aggregator {
  readonly kind: number
  /** Undefined where a view drops what is measured. */
  createAccumulation(startTime: HrTime): Accumulation | undefined
  merge(previous: Accumulation, delta: Accumulation): Accumulation
  diff(previous: Accumulation, current: Accumulation): Accumulation
  toMetricData(
    instrument: Instrument,
    temporality: AggregationTemporality,
    series: readonly (readonly [attributes: Attributes, accumulation: Accumulation])[],
    endTime: HrTime,
  ): MetricData & { readonly dataPoints: readonly DataPoint<unknown>[] }
}

export interface Instrument {
  readonly type: InstrumentType
}

interface Active {
  /** The SDK's key of an attribute set. */
  readonly _hash: (attributes: Attributes) => string
  set(attributes: Attributes, accumulation: Accumulation | undefined, key: string): void
}

export interface Collector {
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality
  selectCardinalityLimit(type: InstrumentType): number
}

interface AnyStorage {
  readonly _instrumentDescriptor: Instrument
  collect(collector: Collector, time: HrTime): MetricData | undefined
}

/** Of instruments that are recorded in (`SyncMetricStorage`). */
export interface Storage extends AnyStorage {
  readonly _attributesProcessor:
    | { process(attributes: Attributes, context: Context | undefined): Attributes }
    | undefined
  readonly _deltaMetricStorage: {
    readonly _activeCollectionStorage: Active
    readonly _overflowAttributes: Attributes
    readonly _overflowHashCode: string
  }
  record(value: number, attributes: Attributes, context: Context | undefined, timestampMs: number): void
}

export type StorageClass = new (
  instrument: Instrument,
  aggregator: Aggregator,
  attributesProcessor: Storage['_attributesProcessor'],
  collectors: readonly Collector[],
  cardinalityLimit: number | undefined,
) => Storage

/** What a callback observed, with the SDK's key of each set where the SDK called it. */
export interface Measurements {
  entries(): Iterable<readonly [attributes: Attributes, value: number, key?: string]>
}

/** Of instruments that are observed (`AsyncMetricStorage`). */
export interface ObservedStorage extends AnyStorage {
  readonly _attributesProcessor: Storage['_attributesProcessor']
  readonly _deltaMetricStorage: Storage['_deltaMetricStorage'] & {
    batchCumulate(measurements: Measurements, observedAt: HrTime): void
  }
  record(measurements: Measurements, observedAt: HrTime): void
}

export type ObservedStorageClass = new (...args: ConstructorParameters<StorageClass>) => ObservedStorage

export interface MeterState {
  _registerMetricStorage: <Class extends StorageClass | ObservedStorageClass>(
    instrument: Instrument,
    Storage: Class,
  ) => InstanceType<Class>[]
}

export interface ProviderState {
  readonly viewRegistry: {
    readonly _registeredViews: readonly {
      readonly instrumentSelector: { getNameFilter: () => { match(name: string): boolean } }
    }[]
  }
  getMeterSharedState: (scope: InstrumentationScope) => MeterState
}
