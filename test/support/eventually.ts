import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

/**
 * Calls `look` until it neither throws nor returns false, and returns its result. After `timeoutMs`, fails with the
 * last failure, so that an assertion in `look` shows the last difference.
 */
export async function eventually<Result>(
  look: () => Result | Promise<Result>,
  timeoutMs: number = 60_000,
): Promise<Exclude<Result, false>> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    try {
      const result = await look()
      if (result !== false) return result as Exclude<Result, false>
      if (performance.now() > endMs) throw new Error(`still false after ${timeoutMs} ms: ${look.toString()}`)
    } catch (thrown) {
      if (performance.now() > endMs) throw thrown
    }
    await sleep(LOOK_EVERY_MS)
  }
}
