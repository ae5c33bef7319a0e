import type { InspectedProcess } from '../base/inspection.ts'
import type { SettingProblem } from '../settings/settings.ts'

/** What the side port sends to the page: events of one `text/event-stream`, each with one of these as JSON. */

/** The first event: what does not change while the process runs. */
export interface HelloMessage {
  readonly service: string
  readonly version: string | undefined
  readonly nodeVersion: string
  readonly packageVersion: string
  readonly startedAtMs: number
  /** Secrets are hidden. */
  readonly settings: readonly SettingMessage[]
  readonly problems: readonly SettingProblem[]
  /** Why there may be no traces to show. `sampler`: a value of `OTEL_TRACES_SAMPLER`. */
  readonly traces: {
    readonly exporters: readonly string[]
    readonly sampler: string
    readonly ratio: number
    /** Of `OBS_TRACES_PER_SECOND`; undefined: no limit. */
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

/** A batch of spans or log records as a collector gets it. */
export interface BatchMessage {
  readonly signal: 'traces' | 'logs'
  readonly format: 'protobuf' | 'json' | 'zipkin'
  /** Base64. */
  readonly body: string
}

/** The metrics that the page shows, of all processes and threads of the service. */
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
  /** Upper bounds of the buckets; `counts` has one more, for +Inf. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

/** What becomes of the telemetry itself, in each process of the service. The one that serves the page comes first. */
export interface StatusMessage {
  readonly processes: readonly InspectedProcess[]
  /** Batches that this page did not get because it reads too slowly. */
  readonly skippedBatches: number
}

export interface PageEvents {
  readonly hello: HelloMessage
  readonly batch: BatchMessage
  readonly metrics: MetricsMessage
  readonly status: StatusMessage
}
