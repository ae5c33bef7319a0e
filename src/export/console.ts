import { type Context, TraceFlags } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { print } from '../base/diag.ts'

/**
 * The `console` exporters, for development. They print one line per item to stderr, since stdout is the app's alone.
 */
export class ConsoleSpanProcessor implements SpanProcessor {
  readonly #redact: (span: ReadableSpan) => void

  constructor(redact: (span: ReadableSpan) => void) {
    this.#redact = redact
  }

  onStart(_span: Span, _parentContext: Context): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.take(span)
  }

  take(span: ReadableSpan): void {
    this.#redact(span)
    const { traceId, spanId } = span.spanContext()
    print('span', {
      name: span.name,
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      durationMs: hrTimeToMilliseconds(span.duration),
      status: span.status,
      attributes: span.attributes,
      events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    })
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export class ConsoleLogRecordProcessor implements LogRecordProcessor {
  readonly #redact: (record: ReadableLogRecord) => ReadableLogRecord

  constructor(redact: (record: ReadableLogRecord) => ReadableLogRecord) {
    this.#redact = redact
  }

  onEmit(emitted: ReadWriteLogRecord): void {
    const record = this.#redact(emitted)
    print('log', {
      severity: record.severityText ?? record.severityNumber,
      body: record.body,
      attributes: record.attributes,
      traceId: record.spanContext?.traceId,
      spanId: record.spanContext?.spanId,
    })
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
