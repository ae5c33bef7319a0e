import type { LogLevel, OtlpSettings, SamplingStrategy, Signal } from '../settings/settings.ts'
import type { Poll } from './strategy-poller.ts'

/** A way to a collector: of each signal that over OTLP, and of traces that to Zipkin, which may be there beside it. */
export type Route = Signal | 'zipkin'
export const ROUTES: readonly Route[] = ['traces', 'metrics', 'logs', 'zipkin']

export type SettingsByRoute = Readonly<Partial<Record<Route, OtlpSettings>>>

export function signalOf(route: Route): Signal {
  return route === 'zipkin' ? 'traces' : route
}

/** What the app's thread sends to the export worker: one serialised batch. The body is transferred, not copied. */
export interface Batch {
  readonly route: Route
  readonly body: Uint8Array<ArrayBuffer>
  /** Spans, metric points or log records in the body. */
  readonly items: number
}

/** The process ends, and waits for what is left until then (milliseconds since the epoch). */
export interface ShutdownRequest {
  readonly endsAtMs: number
}

/** Sampling strategies are asked for from now on. */
export interface PollRequest {
  readonly poll: Poll
}

/** From the export worker to the app's thread. `trouble`: why a collector takes nothing; undefined when it does again. */
export type WorkerMessage =
  | { readonly strategy: SamplingStrategy }
  | { readonly route: Route; readonly trouble: string | undefined }

export interface ExportWorkerData {
  /** For the preload, which `NODE_OPTIONS` brings into this thread too. */
  readonly isExportWorker: true
  readonly ledger: SharedArrayBuffer
  readonly logLevel: LogLevel
  readonly settingsByRoute: SettingsByRoute
  readonly maxRetainedBytes: number
  readonly maxExportBytes: number
}
