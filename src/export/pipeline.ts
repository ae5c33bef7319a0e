import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { type Chunks, load } from '../chunks.ts'
import type { Settings } from '../settings/settings.ts'
import { Batcher } from './batcher.ts'
import { ConsoleLogRecordProcessor, ConsoleSpanProcessor } from './console.ts'
import { Courier } from './courier.ts'
import type { Ledger } from './ledger.ts'
import { BatchingLogRecordProcessor, BatchingSpanProcessor } from './processors.ts'

/** Loaded with the first batch: a process may end without one. */
const serializer = (): Chunks['serialize'] => load('serialize')

/** From ended spans, log records and collected metrics to the export worker. */
export interface Pipeline {
  readonly spanProcessors: readonly SpanProcessor[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  /** Readers that push; the side port's is not among them. */
  readonly metricReaders: readonly IMetricReader[]
  readonly ledger: Ledger
  /** Blocks until all that ended so far is delivered or `timeoutMs` have passed. For the end of the process. */
  endSync(timeoutMs: number): void
  /** The same without blocking, for an app that asks. False: not all was delivered in time. */
  flush(timeoutMs: number): Promise<boolean>
}

export function createPipeline(settings: Settings): Pipeline {
  const { traces, metrics, logs } = settings
  const courier = new Courier({
    destinations: {
      ...(traces.exporters.includes('otlp') ? { traces: traces.otlp } : {}),
      ...(metrics.exporters.includes('otlp') ? { metrics: metrics.otlp } : {}),
      ...(logs.exporters.includes('otlp') ? { logs: logs.otlp } : {}),
    },
    maxRetainedBytes: settings.lifecycle.maxRetainedBytes,
    logLevel: settings.logLevel,
  })
  const batchers: { drain(): void }[] = []
  const spanProcessors: SpanProcessor[] = []
  const logRecordProcessors: LogRecordProcessor[] = []
  const metricReaders: IMetricReader[] = []

  if (traces.exporters.includes('otlp')) {
    const batcher = new Batcher<ReadableSpan>(
      'traces',
      traces.batch,
      (spans) => serializer().serializeSpans(traces.otlp.protocol, spans),
      courier,
    )
    batchers.push(batcher)
    spanProcessors.push(new BatchingSpanProcessor(batcher, flushFor(traces.otlp.timeoutMs)))
  }
  if (traces.exporters.includes('console')) spanProcessors.push(new ConsoleSpanProcessor())
  if (logs.exporters.includes('otlp')) {
    const batcher = new Batcher<ReadableLogRecord>(
      'logs',
      logs.batch,
      (records) => serializer().serializeLogs(logs.otlp.protocol, records),
      courier,
    )
    batchers.push(batcher)
    logRecordProcessors.push(new BatchingLogRecordProcessor(batcher, flushFor(logs.otlp.timeoutMs)))
  }
  if (logs.exporters.includes('console')) logRecordProcessors.push(new ConsoleLogRecordProcessor())
  if (metrics.exporters.some((exporter) => exporter !== 'prometheus')) {
    metricReaders.push(...load('push-metrics').pushReaders(metrics, courier, flushFor(metrics.otlp.timeoutMs)))
  }

  function flushFor(timeoutMs: number): () => Promise<void> {
    return async () => void (await courier.ledger.untilSettled(timeoutMs))
  }

  return {
    spanProcessors,
    logRecordProcessors,
    metricReaders,
    ledger: courier.ledger,
    endSync(timeoutMs) {
      for (const batcher of batchers) batcher.drain()
      courier.endSync(timeoutMs)
    },
    async flush(timeoutMs) {
      for (const batcher of batchers) batcher.drain()
      await Promise.all(metricReaders.map((reader) => reader.forceFlush().catch(() => {})))
      return courier.ledger.untilSettled(timeoutMs)
    },
  }
}
