import type { Meter } from '@opentelemetry/api'
import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { type Delays, EventLoopWindow } from './event-loop-window.ts'

/** The options that the runtime instrumentation passes to its collectors. */
interface RuntimeConfig {
  enabled?: boolean
  /** The interval between two samples, in milliseconds. */
  readonly monitoringPrecision?: number
}

/** Two monitors at this rate cost as much as upstream's single one at twice the rate. */
const DEFAULT_PRECISION_MS = 20
/** The values cover at least this time, once the process is that old, and at most twice as much. */
const TURN_MS = 60_000

/**
 * The base class of two collectors that replace those of the runtime instrumentation (`scripts/patches/`). The
 * originals cover the time since they were last read, so that each of two scrapers sees only a part. These report the
 * last one to two minutes to every reader, and subtract the sampling interval from the delay.
 */
abstract class Collector {
  protected readonly config: RuntimeConfig

  constructor(config: RuntimeConfig = {}) {
    this.config = config
  }

  enable(): void {
    this.config.enabled = true
    start(this.config.monitoringPrecision ?? DEFAULT_PRECISION_MS)
  }

  disable(): void {
    this.config.enabled = false
    stop()
  }
}

export class EventLoopDelayCollector extends Collector {
  updateMetricInstruments(meter: Meter): void {
    const gauges = Object.entries(DELAYS).map(([name, what]) => ({
      name: name as keyof Delays,
      instrument: meter.createObservableGauge(`nodejs.eventloop.delay.${name}`, {
        unit: 's',
        description: `Event loop ${what} delay, of the last one to two minutes.`,
      }),
    }))
    meter.addBatchObservableCallback(
      (result) => {
        const delays = this.config.enabled === true ? running?.window.delays() : undefined
        if (delays === undefined) return
        for (const { name, instrument } of gauges) result.observe(instrument, delays[name])
      },
      gauges.map(({ instrument }) => instrument),
    )
  }
}

const DELAYS: Readonly<Record<keyof Delays, string>> = {
  min: 'minimum',
  max: 'maximum',
  mean: 'mean',
  stddev: 'standard deviation',
  p50: '50 percentile',
  p90: '90 percentile',
  p99: '99 percentile',
}

export class EventLoopUtilizationCollector extends Collector {
  updateMetricInstruments(meter: Meter): void {
    const description = 'Event loop utilization, of the last one to two minutes.'
    meter.createObservableGauge('nodejs.eventloop.utilization', { unit: '1', description }).addCallback((result) => {
      if (this.config.enabled === true && running !== undefined) result.observe(running.window.utilization())
    })
  }
}

interface Running {
  readonly window: EventLoopWindow
  readonly monitors: readonly ELDHistogram[]
  readonly timer: NodeJS.Timeout
}

let running: Running | undefined

function start(resolutionMs: number): void {
  if (running !== undefined) return
  const monitor = (): ELDHistogram => monitorEventLoopDelay({ resolution: resolutionMs })
  const monitors = [monitor(), monitor()] as const
  for (const each of monitors) each.enable()
  const window = new EventLoopWindow(monitors, resolutionMs)
  const timer = setInterval(() => window.turn(), TURN_MS).unref()
  running = { window, monitors, timer }
}

function stop(): void {
  if (running === undefined) return
  clearInterval(running.timer)
  for (const monitor of running.monitors) monitor.disable()
  running = undefined
}
