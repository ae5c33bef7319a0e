import type { Meter } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { type Chunks, load } from '../chunks.ts'
import { reasonOf, warn } from '../diag.ts'
import type { Inspection } from '../inspection.ts'
import type { OtlpSettings, SamplingStrategy, Settings, Signal } from '../settings/settings.ts'
import type { Redaction } from '../privacy/redaction.ts'
import { Batcher, type Encoder } from './batcher.ts'
import { Collected } from './collected.ts'
import { ConsoleLogRecordProcessor, ConsoleSpanProcessor } from './console.ts'
import { WorkerCourier } from './courier.ts'
import { BatchingLogRecordProcessor, BatchingSpanProcessor, type Flush } from './processors.ts'
import type { PushReader } from './push-metrics.ts'
import { Relay, type RelayRoute } from './relay.ts'
import { ThreadCourier, type Upstream } from './thread-courier.ts'
import { observeExport } from './self-metrics.ts'

/** Loaded with the first batch: a process may end without one. */
const serializer = (): Chunks['serialize'] => load('serialize')

/** From ended spans, log records and collected metrics to the export worker. */
export interface Pipeline {
  readonly spanProcessors: readonly (BatchingSpanProcessor | ConsoleSpanProcessor)[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  /** Readers that push; the side port's is not among them. */
  readonly metricReaders: readonly IMetricReader[]
  /** What worker threads of the app export through. */
  readonly upstream: Upstream
  /** Makes what becomes of the telemetry itself a metric. */
  observe(meter: Meter): void
  /** Asks the sampling server of `jaeger_remote` from now on; nothing where it is not the sampler. */
  pollStrategy(follow: (strategy: SamplingStrategy) => void): void
  /** Blocks until all that ended so far is delivered or `timeoutMs` have passed. For the end of the process. */
  endSync(timeoutMs: number): void
  /** The same without blocking, for an app that asks. False: not all was delivered in time. */
  flush(timeoutMs: number): Promise<boolean>
  /** What became of each signal's items so far. */
  inspect(): Inspection['exports']
}

/**
 * `resourceSettled`: the first batches wait for what is still asked about the resource. `upstream`: the main thread, in a
 * worker thread of the app; metrics are the main thread's to push.
 */
export function createPipeline(settings: Settings, resourceSettled?: Promise<void>, upstream?: Upstream): Pipeline {
  const { traces, metrics, logs } = settings
  const destinations = otlpDestinations(settings)
  const { maxRetainedBytes } = settings.lifecycle
  const isThread = upstream !== undefined
  const courier = isThread
    ? new ThreadCourier(upstream)
    : new WorkerCourier({ destinations, maxRetainedBytes, logLevel: settings.logLevel })
  const relay = new Relay(courier, { traces: routeOf(traces), logs: routeOf(logs) })
  const batchers: (Batcher<ReadableSpan> | Batcher<ReadableLogRecord>)[] = []
  const spanProcessors: (BatchingSpanProcessor | ConsoleSpanProcessor)[] = []
  const logRecordProcessors: LogRecordProcessor[] = []
  let redaction: Redaction | undefined
  const redact = (): Redaction => (redaction ??= load('redaction').createRedaction(settings.privacy))

  if (isSent(traces)) {
    const batcher = new Batcher('traces', traces.batch, () => spanEncoder(traces.otlp, redact()), courier, isThread)
    batchers.push(batcher)
    spanProcessors.push(new BatchingSpanProcessor(batcher, flushFor(traces.otlp)))
  }
  if (traces.exporters.includes('console')) spanProcessors.push(new ConsoleSpanProcessor((span) => redact().span(span)))
  if (logs.exporters.includes('otlp')) {
    const batcher = new Batcher('logs', logs.batch, () => logEncoder(logs.otlp, redact()), courier, isThread)
    batchers.push(batcher)
    logRecordProcessors.push(new BatchingLogRecordProcessor(batcher, flushFor(logs.otlp)))
  }
  if (logs.exporters.includes('console'))
    logRecordProcessors.push(new ConsoleLogRecordProcessor((record) => redact().log(record)))
  if (resourceSettled !== undefined) for (const batcher of batchers) void batcher.holdUntil(resourceSettled)
  const pushes = !isThread && metrics.exporters.some((exporter) => exporter !== 'prometheus')
  const pushReaders: PushReader[] = pushes
    ? load('push-metrics').pushReaders(metrics, courier, flushFor(metrics.otlp))
    : []

  function flushFor({ timeoutMs }: OtlpSettings): Flush {
    return async () => void (await courier.ledger.untilSettled(timeoutMs))
  }

  return {
    spanProcessors,
    logRecordProcessors,
    metricReaders: pushReaders.map(({ reader }) => reader),
    upstream: { ledger: courier.ledger.buffer, post: (batch) => relay.take(batch) },
    observe(meter) {
      observeExport(meter, { ledger: courier.ledger, batchers, destinations })
    },
    pollStrategy(follow) {
      const { remote } = traces.sampler
      const serviceName = settings.resource.serviceName ?? 'unknown_service'
      if (remote === undefined) return
      try {
        courier.ask({ ...remote, serviceName }, follow)
      } catch (thrown) {
        warn(`${remote.endpoint} cannot be asked for a sampling strategy (${reasonOf(thrown)}); the initial rate stays`)
      }
    },
    endSync(timeoutMs) {
      const { ledger } = courier
      const signals = Object.keys(destinations) as Signal[]
      const lostBefore = new Map(signals.map((signal) => [signal, ledger.lost(signal)]))
      for (const { drain } of pushReaders) quietly('metrics', drain)
      for (const batcher of batchers) batcher.drain()
      // The end of a worker thread is not the end of the process.
      if (isThread) return
      relay.drain()
      courier.endSync(timeoutMs)
      for (const signal of signals) {
        const lost = ledger.lost(signal) - (lostBefore.get(signal) ?? 0) + ledger.pendingItems(signal)
        const where = destinations[signal]?.endpoint
        if (lost > 0) warn(`${signal}: ${lost} are lost at the end of the process, ${where} did not take them in time`)
      }
    },
    async flush(timeoutMs) {
      for (const batcher of batchers) batcher.drain()
      relay.drain()
      await Promise.all(pushReaders.map(({ reader }) => reader.forceFlush().catch(() => {})))
      return courier.ledger.untilSettled(timeoutMs)
    },
    inspect() {
      const { ledger } = courier
      const figures = Object.entries(destinations).map(([name, { endpoint }]) => {
        const signal = name as Signal
        const waiting = batchers.reduce((sum, batcher) => sum + (batcher.signal === signal ? batcher.size : 0), 0)
        const pending = ledger.pendingItems(signal) + waiting
        return [name, { endpoint, exported: ledger.counted(signal, 'exported'), lost: ledger.lost(signal), pending }]
      })
      return Object.fromEntries(figures)
    },
  }
}

function spanEncoder({ protocol }: OtlpSettings, redaction: Redaction): Encoder<ReadableSpan> {
  if (protocol === 'grpc' || protocol === 'http/protobuf') return new (load('span-encoder').SpanEncoder)(redaction.span)
  return new Collected((spans) => {
    for (const span of spans) redaction.span(span)
    return serializer().serializeSpans(protocol, spans)
  })
}

function logEncoder({ protocol }: OtlpSettings, redaction: Redaction): Encoder<ReadableLogRecord> {
  return new Collected((records) => serializer().serializeLogs(protocol, records.map(redaction.log)))
}

function routeOf({ otlp, batch }: Settings['traces'] | Settings['logs']): RelayRoute {
  return { protocol: otlp.protocol, batch }
}

function otlpDestinations({ traces, metrics, logs }: Settings): Readonly<Partial<Record<Signal, OtlpSettings>>> {
  return {
    ...(isSent(traces) ? { traces: within(traces.batch.exportTimeoutMs, traces.otlp) } : {}),
    ...(metrics.exporters.includes('otlp') ? { metrics: within(metrics.exportTimeoutMs, metrics.otlp) } : {}),
    ...(logs.exporters.includes('otlp') ? { logs: within(logs.batch.exportTimeoutMs, logs.otlp) } : {}),
  }
}

/** To a collector, by whichever protocol. */
function isSent({ exporters }: Settings['traces']): boolean {
  return exporters.includes('otlp') || exporters.includes('zipkin')
}

/** Processor and exporter both have a timeout: the shorter holds, and 0 is none. */
function within(exportTimeoutMs: number, otlp: OtlpSettings): OtlpSettings {
  if (exportTimeoutMs === 0 || (otlp.timeoutMs !== 0 && otlp.timeoutMs <= exportTimeoutMs)) return otlp
  return { ...otlp, timeoutMs: exportTimeoutMs }
}

function quietly(what: Signal, work: () => void): void {
  try {
    work()
  } catch (thrown) {
    warn(`${what}: the last of them could not be collected (${reasonOf(thrown)}) and are lost`)
  }
}
