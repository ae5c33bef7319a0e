import type { Signal } from '../settings/settings.ts'
import type { PartialSuccess } from './partial-success.ts'

/** How one attempt to send one batch ended. */
export type Attempt =
  | { readonly status: 'success'; readonly partial?: PartialSuccess | undefined }
  /** `retryAfterMs`: the collector named a time (RetryInfo, Retry-After). `refused`: nobody listens there. */
  | {
      readonly status: 'retryable'
      readonly reason: string
      readonly retryAfterMs?: number | undefined
      readonly refused?: boolean
    }
  /** `tooLarge`: in parts it may be taken. */
  | { readonly status: 'failure'; readonly reason: string; readonly tooLarge?: boolean }

/** One signal's way to its collector. */
export interface Transport {
  send(body: Uint8Array, timeoutMs: number): Promise<Attempt>
  /** There will be something to send. Nothing is said of what goes wrong now. */
  prepare?(): void
}

/** The service that takes each signal (opentelemetry-proto, collector/*_service.proto). */
export const GRPC_METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}
