import type { Context } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Batcher } from './batcher.ts'

/** Waits until all that was handed over is settled or the OTLP timeout has passed. */
export type Flush = () => Promise<void>

/** The specification's batching span processor over the export worker. */
export class BatchingSpanProcessor implements SpanProcessor {
  readonly #batcher: Batcher<ReadableSpan>
  readonly #flush: Flush

  constructor(batcher: Batcher<ReadableSpan>, flush: Flush) {
    this.#batcher = batcher
    this.#flush = flush
  }

  onStart(_span: Span, _parentContext: Context): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#batcher.add(span)
  }

  forceFlush(): Promise<void> {
    this.#batcher.drain()
    return this.#flush()
  }

  shutdown(): Promise<void> {
    return this.forceFlush()
  }
}

/** The same for log records. */
export class BatchingLogRecordProcessor implements LogRecordProcessor {
  readonly #batcher: Batcher<ReadableLogRecord>
  readonly #flush: Flush

  constructor(batcher: Batcher<ReadableLogRecord>, flush: Flush) {
    this.#batcher = batcher
    this.#flush = flush
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#batcher.add(record)
  }

  forceFlush(): Promise<void> {
    this.#batcher.drain()
    return this.#flush()
  }

  shutdown(): Promise<void> {
    return this.forceFlush()
  }
}
