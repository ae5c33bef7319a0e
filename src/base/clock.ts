import { performance as clock } from 'node:perf_hooks'

/**
 * The clock, with the methods of its class: apps and their tests replace `globalThis.performance` as well as its
 * members. Node.js loads ten of its modules for it, so it is taken when telemetry is first used and not when the
 * preload loads. The build substitutes this for every free use of `performance` (`scripts/substitute-primordials.ts`).
 */
const { now, eventLoopUtilization } = Object.getPrototypeOf(clock) as typeof clock

export const performance: Pick<typeof clock, 'now' | 'timeOrigin' | 'eventLoopUtilization'> = {
  now: now.bind(clock),
  timeOrigin: clock.timeOrigin,
  eventLoopUtilization: eventLoopUtilization.bind(clock),
}
