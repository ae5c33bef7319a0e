/** Resolves after `timeMs`, without keeping the process alive. */
export function unrefDelay(timeMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, timeMs).unref())
}

const LOOK_EVERY_MS = 10

/** Resolves with whether the condition became true within `timeMs`. */
export async function becomesTrueWithin(timeMs: number, isSo: () => boolean): Promise<boolean> {
  const endMs = performance.now() + timeMs
  while (!isSo()) {
    if (performance.now() >= endMs) return false
    await unrefDelay(LOOK_EVERY_MS)
  }
  return true
}

/** Resolves when nothing has happened for `quietMs`, but after `mostMs` at the latest. */
export async function untilQuiet(quietMs: number, mostMs: number, happenedMs: () => number): Promise<void> {
  const endMs = performance.now() + mostMs
  for (;;) {
    const leftMs = Math.min(happenedMs() + quietMs, endMs) - performance.now()
    if (leftMs <= 0) return
    await unrefDelay(leftMs)
  }
}
