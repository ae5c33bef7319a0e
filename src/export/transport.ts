import type { Signal } from '../settings/settings.ts'
import type { PartialSuccess } from './partial-success.ts'

/** The result of one attempt to send a batch. */
export type Attempt =
  /** `isWritten`: the whole body has left the process, so its memory can be freed. */
  | { readonly status: 'success'; readonly partial?: PartialSuccess | undefined; readonly isWritten?: boolean }
  /**
   * `retryAfterMs` is the delay the collector asked for (RetryInfo, Retry-After). `refused`: nothing listens at the
   * address.
   */
  | {
      readonly status: 'retryable'
      readonly reason: string
      readonly retryAfterMs?: number | undefined
      readonly refused?: boolean
    }
  /** `tooLarge`: the collector may accept the batch in parts. */
  | { readonly status: 'failure'; readonly reason: string; readonly tooLarge?: boolean }

/** Sends the batches of one signal to its collector. */
export interface Transport {
  send(body: Uint8Array, timeoutMs: number): Promise<Attempt>
  /** Connects ahead of the first batch. Failures are not reported. */
  prepare?(): void
}

/** The service and method for each signal (opentelemetry-proto, collector/*_service.proto). */
export const GRPC_METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}
