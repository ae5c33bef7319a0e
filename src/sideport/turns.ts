/** The app gets its turn after so long at the latest; between two looks at the clock far less should pass. */
const SLICE_MS = 2

/** As it is now: the app, or a test of it, may replace the global timers. */
const { setImmediate } = globalThis

/** Long work in slices, with turns of the event loop between them. */
export class Turns {
  #sliceStartMs = performance.now()

  /** To be awaited when it is not undefined: the slice is over. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#sliceStartMs < SLICE_MS ? undefined : this.next()
  }

  /** Ends the slice, however short it was: what comes next may take long by itself. */
  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#sliceStartMs = performance.now()
  }

  /** Work that yields where it may be interrupted. */
  async run<Result>(work: Generator<unknown, Result>): Promise<Result> {
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      await this.pause()
    }
  }
}
