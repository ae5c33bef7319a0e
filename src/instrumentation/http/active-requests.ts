import type { Attributes, ObservableResult } from '@opentelemetry/api'

interface Count {
  readonly attributes: Attributes
  value: number
}

const METHOD = 'http.request.method'
const SCHEME = 'url.scheme'

/** Requests that are being served, by method and scheme: a look into a map at the start and at the end of each. */
export class ActiveRequests {
  readonly #counts = new Map<string, Count>()

  /** Attributes of the request's span or metrics. */
  add(change: 1 | -1, attributes: Attributes): void {
    const key = `${String(attributes[METHOD])} ${String(attributes[SCHEME])}`
    const count = this.#counts.get(key)
    if (count !== undefined) count.value += change
    else {
      const own = Object.freeze({ [METHOD]: attributes[METHOD], [SCHEME]: attributes[SCHEME] })
      this.#counts.set(key, { attributes: own as Attributes, value: change })
    }
  }

  readonly observe = (result: ObservableResult): void => {
    for (const { value, attributes } of this.#counts.values()) result.observe(value, attributes)
  }
}
