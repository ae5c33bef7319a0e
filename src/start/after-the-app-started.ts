import { reasonOf, warn } from '../base/diag.ts'

/** From the first turn of the event loop on: then the app does what it was started for, and connects and listens. */
const AFTER_THE_FIRST_TURN_MS = 50
/** What has used nothing by then is no script that ends soon. */
const WITHOUT_USE_MS = 500

/**
 * Runs `work` once, when the app has started: a little after the first use of telemetry, or later when nothing uses it.
 * What no app waits for does not delay it, and a short script never pays for it. Returns what to call at the first use.
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
