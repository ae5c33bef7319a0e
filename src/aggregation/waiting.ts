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

/** Until nothing has happened for so long, but no longer than `mostMs` in all. */
export async function untilQuiet(quietMs: number, mostMs: number, happenedMs: () => number): Promise<void> {
  const endMs = performance.now() + mostMs
  for (;;) {
    const leftMs = Math.min(happenedMs() + quietMs, endMs) - performance.now()
    if (leftMs <= 0) return
    await pause(leftMs)
  }
}
