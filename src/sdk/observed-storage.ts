import type { Attributes, HrTime } from '@opentelemetry/api'
import { AggregationTemporality, InstrumentType } from '@opentelemetry/sdk-metrics'
import { limitOf } from './instrument-limit.ts'
import type { Accumulation, Aggregator, Measurements, ObservedStorage, ObservedStorageClass } from './sdk-internals.ts'

/** One attribute set that is reported. */
interface ObservedSeries {
  readonly attributes: Attributes
  readonly startTime: HrTime
  accumulation: Accumulation | undefined
  /** The set of measurements that the accumulation belongs to. */
  within: object | undefined
  /** Whether it was observed since the last collection. */
  isNew: boolean
}

type Redact = (attributes: Attributes) => Attributes

const DEFAULT_LIMIT = 2000
const SUM = 1
const LAST_VALUE = 2

/**
 * Keeps observed values as they are for one cumulative reader. The SDK computes deltas and adds them up again: that is
 * ten times the work, and a closed pool or a removed queue would be reported with its last value forever. Here, what is
 * no longer observed is no longer reported, as the specification requires. Only counters stay: one that is missing once
 * (its callback failed, or could not be awaited at the end of the process) would seem to restart. Sets that a view or
 * `redact` makes equal are added up, while the SDK keeps the last of them.
 * https://opentelemetry.io/docs/specs/otel/metrics/api/#asynchronous-instrument-api
 */
export function observedStorageClass(
  SdkStorage: ObservedStorageClass,
  redact: Redact | undefined,
): ObservedStorageClass {
  return class OwnStorage extends SdkStorage {
    readonly #aggregator: Aggregator
    readonly #series = new Map<string, ObservedSeries>()
    readonly #maxSeries: number
    readonly #isCounter: boolean
    /** Otherwise the SDK keeps the values. */
    readonly #isKept: boolean
    #overflow: ObservedSeries | undefined
    #madeRoomAt: HrTime | undefined

    constructor(
      ...[instrument, aggregator, processor, collectors, given]: ConstructorParameters<ObservedStorageClass>
    ) {
      const limit = limitOf(instrument, collectors, given)
      super(instrument, aggregator, processor, collectors, limit)
      this.#aggregator = aggregator
      this.#maxSeries = (limit ?? DEFAULT_LIMIT) - 1
      this.#isCounter = instrument.type === InstrumentType.OBSERVABLE_COUNTER
      const [collector, ...others] = collectors
      this.#isKept =
        (aggregator.kind === SUM || aggregator.kind === LAST_VALUE) &&
        others.length === 0 &&
        collector?.selectAggregationTemporality(instrument.type) === AggregationTemporality.CUMULATIVE
    }

    override record(measurements: Measurements, time: HrTime): void {
      if (this.#isKept) this.#keep(measurements, time)
      else if (this.#hasChanges) this.#leaveToSdk(measurements, time)
      else super.record(measurements, time)
    }

    override collect(...args: Parameters<ObservedStorage['collect']>): ReturnType<ObservedStorage['collect']> {
      if (!this.#isKept) return super.collect(...args)
      const records: (readonly [Attributes, Accumulation])[] = []
      const report = (series: ObservedSeries): boolean => {
        if (!series.isNew && !this.#isCounter) return false
        series.isNew = false
        if (series.accumulation !== undefined) records.push([series.attributes, series.accumulation])
        return true
      }
      for (const [key, series] of this.#series) if (!report(series)) this.#series.delete(key)
      if (this.#overflow !== undefined && !report(this.#overflow)) this.#overflow = undefined
      if (records.length === 0) return undefined
      const temporality = AggregationTemporality.CUMULATIVE
      return this.#aggregator.toMetricData(this._instrumentDescriptor, temporality, records, args[1])
    }

    #keep(measurements: Measurements, time: HrTime): void {
      for (const [given, value, key] of measurements.entries()) {
        const attributes = this.#changed(given)
        const series = this.#seriesOf(attributes, attributes === given ? key : undefined, time)
        // Of two callbacks the last one counts. Values of one callback for the same set are added up, and so is the
        // overflow.
        const within = series === this.#overflow ? time : measurements
        if (series.within !== within) series.accumulation = this.#aggregator.createAccumulation(series.startTime)
        series.within = within
        series.accumulation?.record(value)
        series.isNew = true
      }
    }

    #seriesOf(attributes: Attributes, known: string | undefined, time: HrTime): ObservedSeries {
      const key = known ?? this.#keyOf(attributes)
      let series = this.#series.get(key)
      if (series !== undefined) return series
      if (this.#series.size >= this.#maxSeries) this.#makeRoom(time)
      if (this.#series.size >= this.#maxSeries) {
        return (this.#overflow ??= newSeries(this._deltaMetricStorage._overflowAttributes, time))
      }
      series = newSeries(attributes, time)
      this.#series.set(key, series)
      return series
    }

    /** Removes series that were not observed again so far. */
    #makeRoom(time: HrTime): void {
      if (this.#isCounter || this.#madeRoomAt === time) return
      this.#madeRoomAt = time
      for (const [key, { isNew }] of this.#series) if (!isNew) this.#series.delete(key)
    }

    #leaveToSdk(measurements: Measurements, time: HrTime): void {
      const isSum = this.#aggregator.kind === SUM
      const byKey = new Map<string, [attributes: Attributes, value: number, key: string]>()
      for (const [given, value] of measurements.entries()) {
        const attributes = this.#changed(given)
        const key = this.#keyOf(attributes)
        const known = byKey.get(key)
        if (known === undefined) byKey.set(key, [attributes, value, key])
        else known[1] = isSum ? known[1] + value : value
      }
      this._deltaMetricStorage.batchCumulate({ entries: () => byKey.values() }, time)
    }

    #keyOf(attributes: Attributes): string {
      return this._deltaMetricStorage._activeCollectionStorage._hash(attributes)
    }

    get #hasChanges(): boolean {
      return redact !== undefined || this._attributesProcessor !== undefined
    }

    #changed(given: Attributes): Attributes {
      const kept = this._attributesProcessor?.process(given, undefined) ?? given
      return redact === undefined ? kept : redact(kept)
    }
  } satisfies ObservedStorageClass
}

function newSeries(attributes: Attributes, startTime: HrTime): ObservedSeries {
  return { attributes, startTime, accumulation: undefined, within: undefined, isNew: false }
}
