/** A task that can be interrupted between its steps, each of which should take far less than a millisecond. */
export type SlicedTask<Result> = Generator<unknown, Result, void>

/** The longest time that all running tasks together may block the event loop at once. */
const SLICE_MS = 2

let sliceStartMs = -Infinity
let turn: Promise<void> | undefined

/**
 * Returns a promise to await before the next step when the time slice is used up, otherwise undefined. All tasks share
 * one slice per turn of the event loop, first come, first served.
 */
export function yieldIfDue(): Promise<void> | undefined {
  return isOver() ? untilSlice() : undefined
}

/** Ends the slice early, ahead of a step that may itself take long. */
export function yieldToEventLoop(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined
      sliceStartMs = performance.now()
      resolve()
    })
  })
  return turn
}

/** Runs a task in time slices, with turns of the event loop in between. */
export async function runSliced<Result>(task: SlicedTask<Result>): Promise<Result> {
  for (;;) {
    await yieldIfDue()
    const step = task.next()
    if (step.done === true) return step.value
  }
}

/** Runs a task without interruption, at the end of a process, when the event loop no longer turns. */
export function runAtOnce<Result>(task: SlicedTask<Result>): Result {
  for (;;) {
    const step = task.next()
    if (step.done === true) return step.value
  }
}

function isOver(): boolean {
  return performance.now() - sliceStartMs >= SLICE_MS
}

/** Another task may have used up the slice meanwhile. */
async function untilSlice(): Promise<void> {
  while (isOver()) await yieldToEventLoop()
}
