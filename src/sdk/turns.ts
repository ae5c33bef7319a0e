/** Work that can be interrupted after each of its pieces, which should take far less than a millisecond. */
export type Pieces<Result> = Generator<unknown, Result, void>

/** The app gets its turn after so long, whatever number of works is under way. */
const SLICE_MS = 2

let sliceStartMs = -Infinity
let turn: Promise<void> | undefined

/**
 * To be awaited between two pieces when it is not undefined: the slice is over. All works that are under way share one slice of
 * time in a turn of the event loop: first come, first done.
 */
export function pause(): Promise<void> | undefined {
  return isOver() ? untilSlice() : undefined
}

/** Ends the slice, however short it was: what comes next may take long by itself. */
export function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined
      sliceStartMs = performance.now()
      resolve()
    })
  })
  return turn
}

/** With turns of the event loop in between. */
export async function inTurns<Result>(work: Pieces<Result>): Promise<Result> {
  for (;;) {
    await pause()
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** At the end of a process, where there are no more turns. */
export function inOneGo<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

function isOver(): boolean {
  return performance.now() - sliceStartMs >= SLICE_MS
}

/** Another work may have used up the turn. */
async function untilSlice(): Promise<void> {
  while (isOver()) await nextTurn()
}
