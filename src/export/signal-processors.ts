import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { load } from '../base/chunks.ts'
import type { Redaction } from '../privacy/redaction.ts'
import type { OtlpSettings, Settings } from '../settings/settings.ts'
import { Batcher, type Encoder } from './batcher.ts'
import { CollectingEncoder } from './collecting-encoder.ts'
import type { Ledger } from './ledger.ts'
import type { SettingsByRoute } from './worker-messages.ts'
import { BatchingLogRecordProcessor, BatchingSpanProcessor, type Flush } from './processors.ts'
import type { ExportClient } from './worker-export-client.ts'

/** Loaded with the first batch: a process may exit without one. */
const serializer = (): typeof import('./serialize.ts') => load<typeof import('./serialize.ts')>('serialize')

const consoleExport = (): typeof import('./console.ts') => load<typeof import('./console.ts')>('console-export')

/** Exports sampled spans as they end. `take` exports a span that was kept for another reason. */
export interface KeptSpanProcessor extends SpanProcessor {
  take(span: ReadableSpan): void
}

/** The processors of ended spans and log records, and the queues that some of them fill. */
export interface SignalProcessors {
  readonly batchers: readonly (Batcher<ReadableSpan> | Batcher<ReadableLogRecord>)[]
  readonly spanProcessors: readonly KeptSpanProcessor[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
}

/** Where batches go. With `promptly`, items do not wait for a batch to fill, as in a worker thread of the app. */
export interface BatchDestination {
  readonly settingsByRoute: SettingsByRoute
  readonly exportClient: ExportClient
  readonly promptly: boolean
}

/** Creates one processor for each exporter of spans and log records. */
export function createSignalProcessors(settings: Settings, destination: BatchDestination): SignalProcessors {
  let redaction: Redaction | undefined
  const redact = (): Redaction =>
    (redaction ??= load<typeof import('../privacy/redaction.ts')>('redaction').createRedaction(settings.privacy))
  const spans = spanProcessors(settings, destination, redact)
  const logs = logRecordProcessors(settings, destination, redact)
  return {
    batchers: [...spans.batchers, ...logs.batchers],
    spanProcessors: spans.processors,
    logRecordProcessors: logs.processors,
  }
}

interface Processors<Item, Processor> {
  readonly batchers: readonly Batcher<Item>[]
  readonly processors: readonly Processor[]
}

function spanProcessors(
  { traces, print, lifecycle }: Settings,
  { settingsByRoute, exportClient, promptly }: BatchDestination,
  redact: () => Redaction,
): Processors<ReadableSpan, KeptSpanProcessor> {
  const batchers: Batcher<ReadableSpan>[] = []
  const processors: KeptSpanProcessor[] = []
  for (const route of ['traces', 'zipkin'] as const) {
    const otlp = settingsByRoute[route]
    if (otlp === undefined) continue
    const encoder = (): Encoder<ReadableSpan> => spanEncoder(otlp, redact())
    const batcher = new Batcher(route, traces.batch, encoder, exportClient, lifecycle, promptly)
    batchers.push(batcher)
    processors.push(new BatchingSpanProcessor(batcher, flushFor(exportClient.ledger, otlp), isProtobuf(otlp)))
  }
  if (traces.exporters.includes('console'))
    processors.push(new (consoleExport().ConsoleSpanProcessor)((span) => redact().span(span)))
  if (print) {
    const { PrintingSpanProcessor } = load<typeof import('./printing.ts')>('printing')
    processors.push(new PrintingSpanProcessor((span) => redact().span(span)))
  }
  return { batchers, processors }
}

function logRecordProcessors(
  { logs, lifecycle }: Settings,
  { exportClient, promptly }: BatchDestination,
  redact: () => Redaction,
): Processors<ReadableLogRecord, LogRecordProcessor> {
  const batchers: Batcher<ReadableLogRecord>[] = []
  const processors: LogRecordProcessor[] = []
  if (logs.exporters.includes('otlp')) {
    const encoder = (): Encoder<ReadableLogRecord> => logEncoder(logs.otlp, redact())
    const batcher = new Batcher('logs', logs.batch, encoder, exportClient, lifecycle, promptly)
    batchers.push(batcher)
    processors.push(new BatchingLogRecordProcessor(batcher, flushFor(exportClient.ledger, logs.otlp)))
  }
  if (logs.exporters.includes('console'))
    processors.push(new (consoleExport().ConsoleLogRecordProcessor)((record) => redact().log(record)))
  return { batchers, processors }
}

/** Waits for what was handed over, up to the timeout of the exporter. */
export function flushFor(ledger: Ledger, { timeoutMs }: OtlpSettings): Flush {
  return async () => void (await ledger.untilSettled(timeoutMs))
}

function isProtobuf({ protocol }: OtlpSettings): boolean {
  return protocol === 'grpc' || protocol === 'http/protobuf'
}

function spanEncoder(otlp: OtlpSettings, redaction: Redaction): Encoder<ReadableSpan> {
  if (isProtobuf(otlp)) return new (load<typeof import('./span-encoder.ts')>('span-encoder').SpanEncoder)(redaction)
  return new CollectingEncoder((spans) => {
    for (const span of spans) redaction.span(span)
    return serializer().serializeSpans(otlp.protocol as 'http/json' | 'zipkin', spans)
  })
}

function logEncoder({ protocol }: OtlpSettings, redaction: Redaction): Encoder<ReadableLogRecord> {
  return new CollectingEncoder((records) => serializer().serializeLogs(protocol, records.map(redaction.log)))
}
