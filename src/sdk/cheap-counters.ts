import { createNoopMeter } from '@opentelemetry/api'
import type { Attributes, Meter, MeterOptions, MeterProvider, MetricOptions, Observable } from '@opentelemetry/api'
import { ByAttributes } from './by-attributes.ts'

interface Count {
  readonly attributes: Attributes
  value: number
}

/**
 * Meters for what is counted several times a span and has a handful of series: an addition is one look into a tree, where
 * the SDK's counters clean, sort and serialise the attributes of each. Read when somebody collects. Only counters are there;
 * every other instrument does nothing. A counter that several ask for, as each tracer does, is one: its sum is over all.
 */
export function cheapCounters(provider: MeterProvider): MeterProvider {
  const counters = new Map<string, CheapCounter>()
  return {
    getMeter(name: string, version?: string, options?: MeterOptions): Meter {
      const meter = provider.getMeter(name, version, options)
      const counterOf = (counter: string, create: () => Observable): CheapCounter => {
        const key = `${name} ${version ?? ''} ${counter}`
        let known = counters.get(key)
        if (known === undefined) counters.set(key, (known = new CheapCounter(create())))
        return known
      }
      // The API has one meter that does nothing, for all: it must stay as it is.
      return Object.assign(Object.create(createNoopMeter()) as Meter, {
        createCounter: (counter: string, about?: MetricOptions) =>
          counterOf(counter, () => meter.createObservableCounter(counter, about)),
        createUpDownCounter: (counter: string, about?: MetricOptions) =>
          counterOf(counter, () => meter.createObservableUpDownCounter(counter, about)),
      })
    },
  }
}

class CheapCounter {
  readonly #counts: Count[] = []
  readonly #byAttributes = new ByAttributes<Count>()
  #last: Count | undefined

  constructor(observable: Observable) {
    observable.addCallback((result) => {
      for (const { value, attributes } of this.#counts) result.observe(value, attributes)
    })
  }

  add(value: number, attributes: Attributes = {}): void {
    if (attributes === this.#last?.attributes) {
      this.#last.value += value
      return
    }
    const count = this.#byAttributes.get(attributes, this.#newCount)
    count.value += value
    // Of one that is frozen, the same object is the same set.
    if (count.attributes === attributes && Object.isFrozen(attributes)) this.#last = count
  }

  readonly #newCount = (attributes: Attributes): Count => {
    const count = { attributes, value: 0 }
    this.#counts.push(count)
    return count
  }
}
