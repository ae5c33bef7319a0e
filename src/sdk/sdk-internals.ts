import type { Attributes, Context, HrTime, SpanContext, Tracer } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type {
  AggregationTemporality,
  CollectionResult,
  DataPoint,
  ExponentialHistogram,
  Histogram,
  InstrumentType,
  MeterProvider,
  MetricData,
  MetricProducer,
  MetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Sampler, SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace'
import { warn } from '../base/diag.ts'
import type { KeptExemplars } from './exemplar-aggregator.ts'
import type { TracerMetrics } from './tracer-metrics.ts'

/**
 * Everything that this package uses of the SDK's internals: of sdk-metrics 3.0 (`state` and `aggregator`) and of
 * sdk-trace 3.0 (`Tracer.ts` and `Span.ts`), whose versions are inlined. The functions below check the shape first.
 * When it is not the expected one, they log a warning and return undefined, and the SDK works in its own way.
 */

/** Returns the state of a meter provider, through which its storages are replaced. */
export function stateOf(provider: MeterProvider): ProviderState | undefined {
  const state = (provider as unknown as { readonly _sharedState?: ProviderState })._sharedState
  if (typeof state?.getMeterSharedState === 'function') return state
  return unknownShape('meter provider', 'metrics have no exemplars, and series are limited by the interval alone')
}

/** Returns whether a meter registers its storages in the way that can be replaced. */
export function registersStorages(meter: MeterState): boolean {
  if (typeof meter._registerMetricStorage === 'function') return true
  unknownShape('meter', 'metrics have no exemplars, and series are limited by the interval alone')
  return false
}

/** Returns the collector of a reader, which a meter provider gives it as its producer. */
export function collectorOf(producer: MetricProducer | undefined): Collector | undefined {
  const collector = producer as Collector | undefined
  if (collector?._sharedState?.meterSharedStates instanceof Map) return collector
  return unknownShape(
    'metric collector',
    'a collection is not interruptible, and none is possible at the end of the process',
  )
}

/** Returns the producer that a meter provider has given to a reader; undefined before. */
export function producerOf(reader: MetricReader): MetricProducer | undefined {
  return (reader as unknown as { readonly _sdkMetricProducer?: MetricProducer })._sdkMetricProducer
}

const warned = new Set<string>()

function unknownShape(part: string, consequence: string): undefined {
  if (warned.has(part)) return
  warned.add(part)
  warn(`the SDK's ${part} has an unknown shape; ${consequence}`)
}

/** The state of one series between two collections, with the exemplars that we add. */
export interface Accumulation {
  record(value: number): void
  toPointValue(): number | Histogram | ExponentialHistogram
  exemplars?: KeptExemplars | undefined
}

export interface Aggregator {
  readonly kind: number
  /** Returns undefined when a view drops the measurements. */
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

/** The SDK's collector of one reader (`MetricCollector`). */
export interface Collector {
  collect: (options?: { readonly timeoutMillis?: number }) => Promise<CollectionResult>
  readonly _sharedState: {
    readonly resource: Resource
    readonly meterSharedStates: ReadonlyMap<string, MeterState>
  }
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality
  selectCardinalityLimit(type: InstrumentType): number
}

interface AnyStorage {
  readonly _instrumentDescriptor: Instrument
  getInstrumentDescriptor(): object
  collect(collector: Collector, time: HrTime): MetricData | undefined
}

/** The storage of instruments that are recorded (`SyncMetricStorage`). */
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

/** The measurements of one callback. If the SDK called it, each set has the SDK's key. */
export interface Measurements {
  entries(): Iterable<readonly [attributes: Attributes, value: number, key?: string]>
}

/** The storage of observable instruments (`AsyncMetricStorage`). */
export interface ObservedStorage extends AnyStorage {
  readonly _attributesProcessor: Storage['_attributesProcessor']
  readonly _deltaMetricStorage: Storage['_deltaMetricStorage'] & {
    batchCumulate(measurements: Measurements, observedAt: HrTime): void
  }
  record(measurements: Measurements, observedAt: HrTime): void
}

export type ObservedStorageClass = new (...args: ConstructorParameters<StorageClass>) => ObservedStorage

/** The values that the callbacks of one collection observed, by attributes. */
export type Observed = Map<Attributes, number>

export interface ObservableInstrument {
  readonly _metricStorages: readonly { record(observed: Observed, time: HrTime): void }[]
}

/** The callbacks of a meter's observable instruments (`ObservableRegistry`). */
export interface ObservableRegistry {
  readonly _callbacks: readonly {
    readonly callback: (result: { observe(value: number, attributes?: Attributes): void }) => unknown
    readonly instrument: ObservableInstrument
  }[]
  readonly _batchCallbacks: readonly {
    readonly callback: (result: {
      observe(instrument: ObservableInstrument, value: number, attributes?: Attributes): void
    }) => unknown
    readonly instruments: ReadonlySet<ObservableInstrument>
  }[]
  observe(time: HrTime, timeoutMs: number | undefined): Promise<unknown[]>
}

export interface MeterState {
  readonly _instrumentationScope: InstrumentationScope
  readonly observableRegistry: ObservableRegistry
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly AnyStorage[] }
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

/** The SDK's tracer (`Tracer`). */
export interface SdkTracer extends Tracer {
  readonly instrumentationScope: InstrumentationScope
  readonly _sampler: Sampler
  readonly _spanLimits: SpanLimits
  readonly _resource: Resource
  readonly _idGenerator: { generateTraceId(): string; generateSpanId(): string }
  readonly _spanProcessor: SpanProcessor & { readonly _spanProcessors?: readonly (SpanProcessor & object)[] }
  readonly _tracerMetrics: TracerMetrics
}

/** The state of the SDK's span (`SpanImpl`) that is set after its start. */
export interface SdkSpanState {
  _spanContext: SpanContext
  _startTimeProvided: boolean
  _performanceStartTime: number
  _performanceOffset: number
}
