import type { Attributes, ObservableResult } from '@opentelemetry/api'

/** The number of requests of one method and scheme that are being served. */
export interface ActiveCount {
  readonly attributes: Attributes
  value: number
}

/** Counts the requests that are being served, by method and scheme. */
export class ActiveRequests {
  readonly #counts = new Map<string, Map<string, ActiveCount>>()

  of(method: string, scheme: string): ActiveCount {
    let byScheme = this.#counts.get(method)
    if (byScheme === undefined) this.#counts.set(method, (byScheme = new Map()))
    let count = byScheme.get(scheme)
    if (count === undefined) {
      const attributes = Object.freeze({ 'http.request.method': method, 'url.scheme': scheme })
      byScheme.set(scheme, (count = { attributes, value: 0 }))
    }
    return count
  }

  readonly observe = (result: ObservableResult): void => {
    for (const byScheme of this.#counts.values()) {
      for (const { value, attributes } of byScheme.values()) result.observe(value, attributes)
    }
  }
}
