import type { Attributes, HrTime } from '@opentelemetry/api'
import { limitOf } from './series-limit.ts'
import type { Aggregator, Measurements, ObservedStorageClass } from './sdk-internals.ts'

const SUM = 1

/**
 * A storage of what is observed when somebody collects, for where attributes are changed: sets that come to the same one are
 * added up, where the SDK's keeps the last of them.
 */
export function observedStorageClass(
  SdkStorage: ObservedStorageClass,
  redact: ((attributes: Attributes) => Attributes) | undefined,
): ObservedStorageClass {
  return class extends SdkStorage {
    readonly #aggregator: Aggregator

    constructor(
      ...[instrument, aggregator, processor, collectors, limit]: ConstructorParameters<ObservedStorageClass>
    ) {
      super(instrument, aggregator, processor, collectors, limitOf(instrument, collectors, limit))
      this.#aggregator = aggregator
    }

    override record(measurements: Measurements, observedAt: HrTime): void {
      const isSum = this.#aggregator.kind === SUM
      const hash = this._deltaMetricStorage._activeCollectionStorage._hash
      const byKey = new Map<string, [attributes: Attributes, value: number, key: string]>()
      for (const [given, value] of measurements.entries()) {
        const attributes = this.#changed(given)
        const key = hash(attributes)
        const known = byKey.get(key)
        if (known === undefined) byKey.set(key, [attributes, value, key])
        else known[1] = isSum ? known[1] + value : value
      }
      this._deltaMetricStorage.batchCumulate({ entries: () => byKey.values() }, observedAt)
    }

    #changed(given: Attributes): Attributes {
      const kept = this._attributesProcessor?.process(given, undefined) ?? given
      return redact === undefined ? kept : redact(kept)
    }
  } satisfies ObservedStorageClass
}
