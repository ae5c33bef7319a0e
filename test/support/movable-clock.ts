import type { TestContext } from 'node:test'

export interface MovableClock {
  /** Moves the clock forward by `ms` at once. */
  advance(ms: number): void
}

/**
 * Makes `performance.now()` a clock that runs as ever and that a test can move forward, so that nothing waits for time to pass.
 * Timers do not move with it; `t.mock.timers` moves those.
 */
export function movableClock(t: Pick<TestContext, 'mock'>): MovableClock {
  const now = performance.now.bind(performance)
  let aheadMs = 0
  t.mock.method(performance, 'now', () => now() + aheadMs)
  return {
    advance(ms) {
      aheadMs += ms
    },
  }
}
