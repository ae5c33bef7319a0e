/** Work that can be interrupted after each of its pieces, which should take far less than a millisecond. */
export type Pieces<Result> = Generator<void, Result, void>

/** So many rows are a piece, also for code that runs for the first time. */
export const ROWS_A_PIECE = 32

/** The app gets its turn after so long, whatever number of works is under way. */
const SLICE_MS = 2

let sliceStartMs = -Infinity
let nextTurn: Promise<void> | undefined

/** At the end of a process, where there are no more turns. */
export function inOneGo<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** With turns of the event loop in between, in which all works that are under way share one slice of time: first come, first done. */
export async function inTurns<Result>(work: Pieces<Result>): Promise<Result> {
  for (;;) {
    while (performance.now() - sliceStartMs >= SLICE_MS) await turn()
    const step = work.next()
    if (step.done === true) return step.value
  }
}

function turn(): Promise<void> {
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      nextTurn = undefined
      sliceStartMs = performance.now()
      resolve()
    })
  })
  return nextTurn
}
