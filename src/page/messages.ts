import type { InspectedProcess } from '../base/inspection.ts'
import type { SettingProblem } from '../settings/settings.ts'

/** The messages from the side port to the page: events of one `text/event-stream`, each with one of these as JSON. */

/** The first event: what does not change while the process runs. */
export interface HelloMessage {
  readonly service: string
  readonly version: string | undefined
  readonly nodeVersion: string
  readonly packageVersion: string
  readonly startedAtMs: number
  /** The settings with their values, without secrets. */
  readonly settings: readonly SettingMessage[]
  readonly problems: readonly SettingProblem[]
  /** Why there may be no traces to show. `sampler` is a value of `OTEL_TRACES_SAMPLER`. */
  readonly traces: {
    readonly exporters: readonly string[]
    readonly sampler: string
    readonly ratio: number
    /** The value of `OBS_TRACES_PER_SECOND`; undefined if there is no limit. */
    readonly perSecond: number | undefined
  }
  readonly logsExporters: readonly string[]
}

export interface SettingMessage {
  readonly name: string
  readonly value: string
  /** `environment`, `.env`, `default`, another variable's name, or `package.json`. */
  readonly source: string
  readonly isSet: boolean
  readonly doc: string
}

/** A batch of spans or log records, as sent to a collector. */
export interface BatchMessage {
  readonly signal: 'traces' | 'logs'
  readonly format: 'protobuf' | 'json' | 'zipkin'
  /** Base64. */
  readonly body: string
}

/** The metrics that the page shows, for all processes and threads of the service. */
export interface MetricsMessage {
  readonly atMs: number
  readonly metrics: readonly MetricMessage[]
}

export interface MetricMessage {
  readonly name: string
  readonly unit: string
  readonly points: readonly PointMessage[]
}

export type PointMessage = NumberPoint | HistogramPoint

export interface NumberPoint {
  readonly attributes: Readonly<Record<string, string>>
  readonly value: number
}

export interface HistogramPoint {
  readonly attributes: Readonly<Record<string, string>>
  readonly count: number
  readonly sum: number
  /** The upper bounds of the buckets. `counts` has one more, for +Inf. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

/** The state of the telemetry pipeline in each process of the service, the process that serves the page first. */
export interface StatusMessage {
  readonly processes: readonly InspectedProcess[]
  /** The number of batches that were not sent to this page because it reads too slowly. */
  readonly skippedBatches: number
}

export interface PageEvents {
  readonly hello: HelloMessage
  readonly batch: BatchMessage
  readonly metrics: MetricsMessage
  readonly status: StatusMessage
}
