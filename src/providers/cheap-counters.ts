import { type Attributes, createNoopMeter, type Meter, type MeterOptions } from '@opentelemetry/api'
import type { MeterProvider } from '@opentelemetry/api'

interface Count {
  readonly attributes: Attributes
  value: number
}

/**
 * Meters for what is counted several times a span and has a handful of series: an addition is one look into a map, where
 * the SDK's counters clean, sort and serialise the attributes of each. Read when somebody collects. Only counters are there;
 * every other instrument does nothing.
 */
export function cheapCounters(provider: MeterProvider): MeterProvider {
  return {
    getMeter(name: string, version?: string, options?: MeterOptions): Meter {
      const meter = provider.getMeter(name, version, options)
      const counters = createNoopMeter()
      counters.createCounter = (counter, about) => cheapCounter(meter.createObservableCounter(counter, about))
      counters.createUpDownCounter = (counter, about) =>
        cheapCounter(meter.createObservableUpDownCounter(counter, about))
      return counters
    },
  }
}

function cheapCounter(observable: ReturnType<Meter['createObservableCounter']>): {
  add(value: number, attributes?: Attributes): void
} {
  const counts = new Map<string, Count>()
  observable.addCallback((result) => {
    for (const { value, attributes } of counts.values()) result.observe(value, attributes)
  })
  return {
    add(value, attributes = {}) {
      let key = ''
      for (const name in attributes) key += `${name}=${String(attributes[name])} `
      const count = counts.get(key)
      if (count === undefined) counts.set(key, { attributes, value })
      else count.value += value
    },
  }
}
