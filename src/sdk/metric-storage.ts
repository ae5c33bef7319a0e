import { type Attributes, type Context, context, type HrTime } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { AggregationTemporality, DataPointType, type MetricData, type MeterProvider } from '@opentelemetry/sdk-metrics'
import { ExemplarAggregator, keepExemplar, slotsOf } from './exemplar-aggregator.ts'
import type { ExemplarFilter } from './exemplar-filter.ts'
import { observedStorageClass } from './observed-storage.ts'
import {
  type Accumulation,
  type Aggregator,
  type Instrument,
  type MeterState,
  type ObservedStorageClass,
  registersStorages,
  stateOf,
  type Storage,
  type StorageClass,
} from './sdk-internals.ts'
import { SeriesIndex } from './series-index.ts'
import { limitOf } from './instrument-limit.ts'

/**
 * Replaces the storages of a meter provider. The SDK's storages for recorded measurements have no exemplars, and limit
 * only the series since the last scrape: an attribute that never repeats would fill the memory over time. A storage is
 * where attributes, context and time of a measurement meet the accumulation of its series, so nothing is looked up
 * twice, and what is kept ends with its series. For observable instruments see `observed-storage.ts`. `redact` removes
 * secrets from attributes.
 */
export function replaceStorages(provider: MeterProvider, filter: ExemplarFilter | undefined, redact?: Redact): void {
  const state = stateOf(provider)
  if (state === undefined) return
  const meterStateOf = state.getMeterSharedState.bind(state)
  const known = new WeakSet<MeterState>()
  let OwnStorage: StorageClass | undefined
  let OwnObserved: ObservedStorageClass | undefined
  state.getMeterSharedState = (scope) => {
    const meter = meterStateOf(scope)
    if (known.has(meter) || !registersStorages(meter)) return meter
    known.add(meter)
    const register = meter._registerMetricStorage.bind(meter) as (instrument: Instrument, Class: unknown) => never[]
    meter._registerMetricStorage = (instrument, SdkStorage) => {
      if (!instrument.type.startsWith('OBSERVABLE_')) {
        return register(instrument, (OwnStorage ??= storageClass(SdkStorage as StorageClass, filter, redact)))
      }
      return register(instrument, (OwnObserved ??= observedStorageClass(SdkStorage as ObservedStorageClass, redact)))
    }
    return meter
  }
}

type Redact = (attributes: Attributes) => Attributes

/** One attribute set that is reported. */
interface Series {
  readonly attributes: Attributes
  readonly key: string
  accumulation: Accumulation | undefined
  /** The collection interval that the accumulation belongs to, for delta temporality. */
  within: object | undefined
}

const DEFAULT_LIMIT = 2000
const EXEMPLARY = new Set(['COUNTER', 'HISTOGRAM'])

function storageClass(
  SdkStorage: StorageClass,
  filter: ExemplarFilter | undefined,
  redact: Redact | undefined,
): StorageClass {
  return class OwnStorage extends SdkStorage {
    readonly #aggregator: Aggregator
    readonly #slotOf: ReturnType<typeof slotsOf>
    /** The reported series by the SDK's key; with delta temporality, those of one interval. */
    readonly #series = new Map<string, Series>()
    readonly #index: SeriesIndex<Series>
    readonly #overflow: Series
    readonly #maxSeries: number
    readonly #isCumulative: boolean
    /**
     * Set with cumulative temporality and one reader: accumulations stay, and a collection copies their state. The SDK
     * starts new ones at each collection and merges them into the previous ones, which takes ten times as long and
     * cannot be interrupted.
     */
    readonly #isKept: boolean

    constructor(...[instrument, inner, processor, collectors, given]: ConstructorParameters<StorageClass>) {
      const limit = limitOf(instrument, collectors, given)
      const slotOf = filter !== undefined && EXEMPLARY.has(instrument.type) ? slotsOf(inner) : undefined
      const aggregator = slotOf === undefined ? inner : new ExemplarAggregator(inner)
      super(instrument, aggregator, processor, collectors, limit)
      this.#aggregator = aggregator
      this.#slotOf = slotOf
      this.#maxSeries = (limit ?? DEFAULT_LIMIT) - 1
      // The same set may come with its attributes in several orders.
      this.#index = new SeriesIndex(2 * this.#maxSeries)
      const { _overflowAttributes, _overflowHashCode } = this._deltaMetricStorage
      this.#overflow = newSeries(_overflowAttributes, _overflowHashCode)
      this.#isCumulative = collectors.some(
        (collector) => collector.selectAggregationTemporality(instrument.type) === AggregationTemporality.CUMULATIVE,
      )
      this.#isKept = this.#isCumulative && collectors.length === 1
    }

    override record(value: number, attributes: Attributes, given: Context | undefined, timestampMs: number): void {
      const processor = this._attributesProcessor
      const kept = processor === undefined ? attributes : processor.process(attributes, given ?? context.active())
      const series = this.#index.find(kept) ?? this.#seriesOf(kept)
      const accumulation = this.#accumulationOf(series, timestampMs)
      if (accumulation === undefined) return
      accumulation.record(value)
      if (filter === undefined || this.#slotOf === undefined) return
      const span = filter(given ?? context.active())
      if (span === undefined || !Number.isFinite(value)) return
      const filtered =
        kept === attributes && series !== this.#overflow
          ? undefined
          : this.#removedAttributes(attributes, series.attributes)
      keepExemplar(accumulation, this.#slotOf(accumulation, value), value, timestampMs, span, filtered)
    }

    override collect(...args: Parameters<Storage['collect']>): ReturnType<Storage['collect']> {
      if (this.#isKept) return this.#read(args[1])
      if (!this.#isCumulative) {
        this.#series.clear()
        this.#index.clear()
      }
      return super.collect(...args)
    }

    #read(time: HrTime): ReturnType<Storage['collect']> {
      const records: (readonly [Attributes, Accumulation])[] = []
      for (const { attributes, accumulation } of this.#series.values()) {
        if (accumulation !== undefined) records.push([attributes, accumulation])
      }
      const { attributes, accumulation } = this.#overflow
      if (accumulation !== undefined) records.push([attributes, accumulation])
      if (records.length === 0) return undefined
      const temporality = AggregationTemporality.CUMULATIVE
      return withOwnCounts(this.#aggregator.toMetricData(this._instrumentDescriptor, temporality, records, time))
    }

    #removedAttributes(all: Attributes, kept: Attributes): Attributes | undefined {
      const attributes = removedAttributes(all, kept)
      return attributes === undefined || redact === undefined ? attributes : redact(attributes)
    }

    #seriesOf(given: Attributes): Series {
      // Runs once per series and order of attributes; the index finds it from then on.
      const attributes = redact === undefined ? given : redact(given)
      const key = this._deltaMetricStorage._activeCollectionStorage._hash(attributes)
      let series = this.#series.get(key)
      if (series === undefined) {
        if (this.#series.size >= this.#maxSeries) return this.#overflow
        series = newSeries(attributes, key)
        this.#series.set(key, series)
      }
      this.#index.add(given, series)
      return series
    }

    #accumulationOf(series: Series, timestampMs: number): Accumulation | undefined {
      if (this.#isKept) {
        return (series.accumulation ??= this.#aggregator.createAccumulation(millisToHrTime(timestampMs)))
      }
      const active = this._deltaMetricStorage._activeCollectionStorage
      if (series.within === active) return series.accumulation
      series.within = active
      series.accumulation = this.#aggregator.createAccumulation(millisToHrTime(timestampMs))
      active.set(series.attributes, series.accumulation, series.key)
      return series.accumulation
    }
  }
}

function newSeries(attributes: Attributes, key: string): Series {
  return { attributes, key, accumulation: undefined, within: undefined }
}

/**
 * Copies the counts of a histogram's points, which share the array of their accumulation. Everything else is a number
 * or a copy.
 */
function withOwnCounts(metric: MetricData): MetricData {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return metric
  for (const { value } of metric.dataPoints) {
    const { boundaries, counts } = value.buckets
    value.buckets = { boundaries, counts: counts.slice() }
  }
  return metric
}

function removedAttributes(attributes: Attributes, kept: Attributes): Attributes | undefined {
  const names = Object.keys(attributes).filter((name) => !Object.hasOwn(kept, name))
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, attributes[name]]))
}
