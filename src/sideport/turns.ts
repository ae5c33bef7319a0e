/** The app gets its turn after so long at the latest; between two looks at the clock far less should pass. */
const SLICE_MS = 2

/** Long work in slices, with turns of the event loop between them. */
export class Turns {
  #sliceStartMs = performance.now()

  /** To be awaited when it is not undefined: the slice is over. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#sliceStartMs < SLICE_MS ? undefined : this.#next()
  }

  async #next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#sliceStartMs = performance.now()
  }
}
