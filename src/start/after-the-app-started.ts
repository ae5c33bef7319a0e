import { reasonOf, warn } from '../base/diag.ts'

/**
 * Counted from the first turn of the event loop, in which the app does what it was started for: it connects and
 * listens.
 */
const AFTER_THE_FIRST_TURN_MS = 50

/**
 * Delays work that the app does not wait for, so that it does not slow down the app, and a short script never pays for
 * it.
 */
export function afterTheAppStarted(work: () => void): void {
  const quietly = (): void => {
    try {
      work()
    } catch (thrown) {
      warn(`the side port could not be started (${reasonOf(thrown)}); the app runs without it`)
    }
  }
  setImmediate(() => setTimeout(quietly, AFTER_THE_FIRST_TURN_MS).unref()).unref()
}
