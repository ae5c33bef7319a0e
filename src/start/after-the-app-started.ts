import { reasonOf, warn } from '../base/diag.ts'

/** From the first turn of the event loop on: then the app does what it was started for, and connects and listens. */
const AFTER_THE_FIRST_TURN_MS = 50

/** What no app waits for does not delay it, and a short script never pays for it. */
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
