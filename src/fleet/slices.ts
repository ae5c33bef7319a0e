import { setImmediate as turn } from 'node:timers/promises'

/** The app gets its turn after so long at the latest; a piece of work takes far less. */
const SLICE_MS = 4

/** For long work in pieces: after each piece, `await rest()`. */
export class Slices {
  #startMs = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#startMs < SLICE_MS) return
    await turn()
    this.#startMs = performance.now()
  }
}

/** For pieces of work that come at once from several sides: one a turn. */
export class OneATurn {
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(work: () => Result): Promise<Result> {
    const result = this.#last.then(() => turn()).then(work)
    this.#last = result.catch(() => {})
    return result
  }
}
