import type { LogLevel, OtlpSettings, Signal } from '../settings/settings.ts'

/** What the app's thread sends to the export worker: one serialised batch. The body is transferred, not copied. */
export interface Batch {
  readonly signal: Signal
  readonly body: Uint8Array<ArrayBuffer>
  /** Spans, metric points or log records in the body. */
  readonly items: number
}

/** The process ends, and waits for what is left until then (milliseconds since the epoch). */
export interface End {
  readonly endsAtMs: number
}

export interface ExportWorkerData {
  readonly ledger: SharedArrayBuffer
  readonly logLevel: LogLevel
  readonly destinations: Readonly<Partial<Record<Signal, OtlpSettings>>>
  readonly maxRetainedBytes: number
}
