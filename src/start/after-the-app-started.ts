import { reasonOf, warn } from '../base/diag.ts'

/**
 * The delay after a first use, counted from the next turn of the event loop. In its first turns, an app connects and
 * listens.
 */
const AFTER_THE_FIRST_TURN_MS = 50
/** The delay without a use of telemetry: a process that still runs then is not a short script. */
const WITHOUT_USE_MS = 500

/**
 * Runs `work` once when the app has started: shortly after the first use of telemetry, or later if there is none. So
 * the start of the app does not wait for it, and a short script never pays for it. Returns the function to call at the
 * first use.
 */
export function afterTheAppStarted(work: () => void): () => void {
  let isDone = false
  const quietly = (): void => {
    if (isDone) return
    isDone = true
    try {
      work()
    } catch (thrown) {
      warn(`the side port could not be started (${reasonOf(thrown)}); the app runs without it`)
    }
  }
  const after = (delayMs: number): void => void setImmediate(() => void setTimeout(quietly, delayMs).unref()).unref()
  after(WITHOUT_USE_MS)
  return () => after(AFTER_THE_FIRST_TURN_MS)
}
