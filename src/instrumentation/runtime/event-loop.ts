import type { Meter } from '@opentelemetry/api'
import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { type Delays, EventLoopWindow } from './event-loop-window.ts'

/** What the runtime instrumentation gives its collectors. */
interface RuntimeConfig {
  enabled?: boolean
  /** Between two samples, in ms. */
  readonly monitoringPrecision?: number
}

/** Two monitors at this rate cost what upstream's one does at twice the rate. */
const DEFAULT_PRECISION_MS = 20
/** The figures are of this long at least, once the process is that old, and of twice as long at most. */
const TURN_MS = 60_000

/**
 * These two stand in for the runtime instrumentation's collectors (`scripts/patches/`). Those tell of the time since somebody last asked:
 * of two scrapers each would see a part. Ours tell everybody of the last one to two minutes, and a delay is what the loop was late, without
 * the interval of the samples.
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
