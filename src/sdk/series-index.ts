import type { Attributes, AttributeValue } from '@opentelemetry/api'

type Value = AttributeValue | undefined

/**
 * A step from one attribute set to those with one more attribute. Mostly there is one, which is stored without a map.
 */
class Step<T> {
  found: T | undefined = undefined
  #name: string | undefined = undefined
  #value: Value = undefined
  #next: Step<T> | undefined = undefined
  #others: Map<string, Map<Value, Step<T>>> | undefined = undefined

  to(name: string, value: Value): Step<T> | undefined {
    return this.#name === name && this.#value === value ? this.#next : this.#others?.get(name)?.get(value)
  }

  add(name: string, value: Value): Step<T> {
    const next = new Step<T>()
    // NaN equals itself only in a map.
    if (this.#next === undefined && !Number.isNaN(value)) {
      this.#name = name
      this.#value = value
      this.#next = next
      return next
    }
    this.#others ??= new Map()
    const values = this.#others.get(name) ?? new Map<Value, Step<T>>()
    this.#others.set(name, values.set(value, next))
    return next
  }
}

/**
 * Finds the series of an attribute set without building a key, which is most of what recording a measurement costs in
 * the SDK. The order of the attributes matters, so one set may be added in several orders. Sets that contain an array
 * cannot be found, since it is a new object each time.
 */
export class SeriesIndex<T> {
  readonly #maxSets: number
  #root = new Step<T>()
  #size = 0
  /** Frozen sets, which always have the same attributes. */
  readonly #frozen = new Map<Attributes, T>()
  #last: Attributes | undefined = undefined
  #lastFound: T | undefined = undefined

  constructor(maxSets: number) {
    this.#maxSets = maxSets
  }

  find(attributes: Attributes): T | undefined {
    if (attributes === this.#last) return this.#lastFound
    const found = this.#frozen.get(attributes) ?? this.#walk(attributes)
    if (found !== undefined && Object.isFrozen(attributes)) {
      if (this.#frozen.size < this.#maxSets) this.#frozen.set(attributes, found)
      this.#last = attributes
      this.#lastFound = found
    }
    return found
  }

  #walk(attributes: Attributes): T | undefined {
    let step: Step<T> | undefined = this.#root
    for (const name in attributes) {
      step = step.to(name, attributes[name])
      if (step === undefined) return undefined
    }
    return step.found
  }

  add(attributes: Attributes, found: T): void {
    const entries = Object.entries(attributes)
    if (entries.some(([, value]) => typeof value === 'object')) return
    if (this.#size >= this.#maxSets) this.clear()
    this.#size += 1
    let step = this.#root
    for (const [name, value] of entries) step = step.to(name, value) ?? step.add(name, value)
    step.found = found
  }

  clear(): void {
    this.#frozen.clear()
    this.#last = undefined
    this.#lastFound = undefined
    this.#root = new Step<T>()
    this.#size = 0
  }
}
