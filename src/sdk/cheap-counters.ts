import { createNoopMeter } from '@opentelemetry/api'
import type { Attributes, Meter, MeterOptions, MeterProvider, MetricOptions, Observable } from '@opentelemetry/api'
import { ByAttributes } from './by-attributes.ts'

interface Count {
  readonly attributes: Attributes
  value: number
}

/**
 * A meter provider for counters that change several times per span and have a handful of series. An addition is one
 * lookup in a tree, while the SDK's counters validate, sort and serialise the attributes each time. Only counters work;
 * every other instrument does nothing. Counters of the same name share one sum, as each tracer asks for them.
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
      // The API has a single no-op meter, which must not be modified.
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
    // A frozen object always has the same attributes.
    if (count.attributes === attributes && Object.isFrozen(attributes)) this.#last = count
  }

  readonly #newCount = (attributes: Attributes): Count => {
    const count = { attributes, value: 0 }
    this.#counts.push(count)
    return count
  }
}
