import type { ServerRequest } from '../http/server-request.ts'

/** Bounds the number of spans of one kind that one request can make. */
export class RequestBudget {
  readonly #max: number
  readonly #taken = new WeakMap<ServerRequest, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Returns 0 if there may be another span, or else how many were asked for beyond the limit. */
  take(served: ServerRequest | undefined): number {
    if (served === undefined) return 0
    const taken = (this.#taken.get(served) ?? 0) + 1
    this.#taken.set(served, taken)
    return Math.max(0, taken - this.#max)
  }
}
