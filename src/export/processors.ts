import type { Context } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { spanIdentityOf } from '../sdk/identity-of.ts'
import type { Batcher } from './batcher.ts'

/** Waits until every batch handed over is settled or the OTLP timeout has passed. */
export type Flush = () => Promise<void>

/** The specification's batching processors, exporting through the export worker. */
abstract class BatchingProcessor<Item> {
  protected readonly batcher: Batcher<Item>
  readonly #flush: Flush

  constructor(batcher: Batcher<Item>, flush: Flush) {
    this.batcher = batcher
    this.#flush = flush
  }

  forceFlush(): Promise<void> {
    this.batcher.drain()
    return this.#flush()
  }

  shutdown(): Promise<void> {
    return this.forceFlush()
  }
}

export class BatchingSpanProcessor extends BatchingProcessor<ReadableSpan> implements SpanProcessor {
  /** Whether the exporter can encode spans that are not SDK spans (`sdk/deferred-span.ts`). */
  readonly takesDeferred: boolean

  constructor(batcher: Batcher<ReadableSpan>, flush: Flush, takesDeferred = false) {
    super(batcher, flush)
    this.takesDeferred = takesDeferred
  }

  onStart(_span: Span, _parentContext: Context): void {}

  onEnd(span: ReadableSpan): void {
    if ((spanIdentityOf(span).traceFlags & TraceFlags.SAMPLED) !== 0) this.take(span)
  }

  /** Takes a span whether or not it is sampled: the caller has decided to keep it. */
  take(span: ReadableSpan): void {
    const { parentSpanContext: parent } = span
    this.batcher.add(span, parent !== undefined && parent.isRemote !== true)
  }
}

export class BatchingLogRecordProcessor extends BatchingProcessor<ReadableLogRecord> implements LogRecordProcessor {
  onEmit(record: ReadWriteLogRecord): void {
    this.batcher.add(record)
  }
}
