import type { LogLevel, OtlpSettings, SamplingStrategy, Signal } from '../settings/settings.ts'
import type { Poll } from './strategy-poller.ts'

/** A route to a collector: OTLP for each signal, and Zipkin, which may export traces in addition to OTLP. */
export type Route = Signal | 'zipkin'
export const ROUTES: readonly Route[] = ['traces', 'metrics', 'logs', 'zipkin']

export type SettingsByRoute = Readonly<Partial<Record<Route, OtlpSettings>>>

export function signalOf(route: Route): Signal {
  return route === 'zipkin' ? 'traces' : route
}

const ITEM: Readonly<Record<Signal, string>> = { traces: 'span', metrics: 'metric point', logs: 'log record' }

/** Returns a count with its noun: `1 span`, `90 log records`. */
export function itemCount(signal: Signal, count: number): string {
  return `${count} ${ITEM[signal]}${count === 1 ? '' : 's'}`
}

/** Returns how a log line about items begins: `traces: 90 spans`. */
export function signalItems(route: Route, count: number): string {
  const signal = signalOf(route)
  return `${signal}: ${itemCount(signal, count)}`
}

/** One serialised batch, sent from the app's thread to the export worker. The body is transferred, not copied. */
export interface Batch {
  readonly route: Route
  readonly body: Uint8Array<ArrayBuffer>
  /** The number of spans, metric points or log records in the body. */
  readonly items: number
}

/** Announces the end of the process, which waits for pending batches until then (milliseconds since the epoch). */
export interface ShutdownRequest {
  readonly endsAtMs: number
}

/** Starts polling for sampling strategies. */
export interface PollRequest {
  readonly poll: Poll
}

/**
 * Sent from the export worker to the app's thread. `trouble` is the reason why exports fail; undefined once they
 * succeed again.
 */
export type WorkerMessage =
  | { readonly strategy: SamplingStrategy }
  | { readonly route: Route; readonly trouble: string | undefined }

export interface ExportWorkerData {
  /** Tells the preload, which `NODE_OPTIONS` loads into this thread too, not to start here. */
  readonly isExportWorker: true
  readonly ledger: SharedArrayBuffer
  readonly logLevel: LogLevel
  readonly settingsByRoute: SettingsByRoute
  readonly maxRetainedBytes: number
  readonly maxExportBytes: number
}
