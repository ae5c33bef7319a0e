/** As it is now: the app, or a test of it, may replace the global timers. */
const { setTimeout } = globalThis

/** Keeps no process alive. */
export function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, timeMs).unref())
}

const LOOK_EVERY_MS = 10

/** Whether it came true in time. */
export async function within(timeMs: number, isSo: () => boolean): Promise<boolean> {
  const endMs = performance.now() + timeMs
  while (!isSo()) {
    if (performance.now() >= endMs) return false
    await pause(LOOK_EVERY_MS)
  }
  return true
}
