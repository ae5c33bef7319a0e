import type { ELDHistogram } from 'node:perf_hooks'

/** With fewer samples, there are no percentiles. */
const MIN_SAMPLES = 5
const NS_PER_S = 1e9
const MS_PER_S = 1000

/** Delays in seconds. */
export interface Delays {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly stddev: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

type Monitor = Pick<ELDHistogram, 'count' | 'min' | 'max' | 'mean' | 'stddev' | 'percentile' | 'reset'>
type Utilization = ReturnType<typeof performance.eventLoopUtilization>

/**
 * Measures how late the event loop ran, and how busy it was. Of two monitors, the younger is reset at each turn and the
 * older is read, any number of times; it covers the time since the turn before the last.
 */
export class EventLoopWindow {
  readonly #resolutionS: number
  #younger: { readonly monitor: Monitor; since: Utilization }
  #older: { readonly monitor: Monitor; since: Utilization }

  /** `resolutionMs` is the interval between two samples, which the monitors count as delay. */
  constructor(monitors: readonly [Monitor, Monitor], resolutionMs: number) {
    const since = performance.eventLoopUtilization()
    this.#resolutionS = resolutionMs / MS_PER_S
    this.#younger = { monitor: monitors[0], since }
    this.#older = { monitor: monitors[1], since }
  }

  turn(): void {
    ;[this.#younger, this.#older] = [this.#older, this.#younger]
    this.#younger.monitor.reset()
    this.#younger.since = performance.eventLoopUtilization()
  }

  /** Returns undefined if there are too few samples. */
  delays(): Delays | undefined {
    const { monitor } = this.#older
    if (monitor.count < MIN_SAMPLES) return undefined
    const late = (ns: number): number => Math.max(0, ns / NS_PER_S - this.#resolutionS)
    return {
      min: late(monitor.min),
      max: late(monitor.max),
      mean: late(monitor.mean),
      stddev: monitor.stddev / NS_PER_S,
      p50: late(monitor.percentile(50)),
      p90: late(monitor.percentile(90)),
      p99: late(monitor.percentile(99)),
    }
  }

  /** Returns the utilization, from 0 to 1. */
  utilization(): number {
    return performance.eventLoopUtilization(this.#older.since).utilization
  }
}
