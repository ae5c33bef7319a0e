import type { Meter } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { Inspection } from '../base/inspection.ts'
import { serviceLabel } from '../base/service-label.ts'
import { shownUrl } from '../base/shown-url.ts'
import type {
  LogsSettings,
  OtlpSettings,
  SamplingStrategy,
  Settings,
  Signal,
  TracesSettings,
} from '../settings/settings.ts'
import type { Interlude } from './ledger.ts'
import type { Redaction } from '../privacy/redaction.ts'
import { Batcher, type Encoder } from './batcher.ts'
import { CollectingEncoder } from './collecting-encoder.ts'
import { WorkerExportClient } from './worker-export-client.ts'
import { BatchingLogRecordProcessor, BatchingSpanProcessor, type Flush } from './processors.ts'
import { signalItems, type SettingsByRoute, type Route } from './worker-messages.ts'
import type { JoinPushed, PushReader } from './push-metrics.ts'
import { type BatchFeed, RecentBatches, watchExportClient } from './recent-batches.ts'
import { promptFeed } from './prompt-feed.ts'
import type { RebatchedRoute, Rebatcher } from './rebatcher.ts'
import { ThreadExportClient, type Upstream } from './thread-export-client.ts'
import { observeExport } from './export-metrics.ts'

/** Loaded with the first batch: a process may exit without one. */
const serializer = (): typeof import('./serialize.ts') => load<typeof import('./serialize.ts')>('serialize')

const consoleExport = (): typeof import('./console.ts') => load<typeof import('./console.ts')>('console-export')

/** Loaded with the first batch that is too large for the page's buffer. */
const split: typeof import('./split-body.ts').splitBody = (...args) =>
  load<typeof import('./split-body.ts')>('split-body').splitBody(...args)

/** Exports sampled spans as they end. `take` exports a span that was kept for another reason. */
export interface KeptSpanProcessor extends SpanProcessor {
  take(span: ReadableSpan): void
}

/** Carries ended spans, log records and collected metrics to the export worker. */
export interface Pipeline {
  readonly spanProcessors: readonly KeptSpanProcessor[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  /** The readers that push. The side port's reader is not among them. */
  readonly metricReaders: readonly IMetricReader[]
  /** Adds the metrics of worker threads to what each exporter pushes. */
  joinPushed(joinFor: (exporter: PushReader['name']) => JoinPushed): void
  /** The exported batches, for the page of the side port; undefined when the page is off. */
  readonly feed: BatchFeed | undefined
  /** What the app's worker threads export through. */
  readonly upstream: Upstream
  /** Starts the export worker now instead of before the first batch. */
  prepare(): void
  /** Registers the metrics of the export itself. */
  observe(meter: Meter): void
  /** Starts polling the sampling server of `jaeger_remote`. Does nothing with another sampler. */
  pollStrategy(follow: (strategy: SamplingStrategy) => void): void
  /**
   * Blocks until everything that has ended so far is delivered, or for `timeoutMs`. Called at the end of the process.
   * `interlude` runs once if that takes longer than its `afterMs`.
   */
  endSync(timeoutMs: number, interlude?: Interlude): void
  /** Delivers everything that has ended so far without blocking. Returns false on timeout. */
  flush(timeoutMs: number): Promise<boolean>
  /** Returns the counters of each route. */
  inspect(): Inspection['exports']
}

/**
 * Creates the pipeline. The first batches are held until `resourceSettled`. `upstream` is the main thread when this is
 * a worker thread of the app, where metrics are not pushed: the main thread pushes them.
 */
export function createPipeline(settings: Settings, resourceSettled?: Promise<void>, upstream?: Upstream): Pipeline {
  const { traces, metrics, logs } = settings
  const settingsByRoute = settingsByRouteOf(settings)
  const { maxRetainedBytes, maxExportBytes } = settings.lifecycle
  const bounds = { maxExportBytes, maxRetainedBytes }
  const isThread = upstream !== undefined
  const exportClient = isThread
    ? new ThreadExportClient(upstream)
    : new WorkerExportClient({
        settingsByRoute,
        maxRetainedBytes,
        maxExportBytes,
        exitFlushTimeoutMs: settings.lifecycle.exitFlushTimeoutMs,
        logLevel: settings.logLevel,
      })
  const recent = isThread || !settings.page.isOn ? undefined : new RecentBatches(settings.page.recentBytes, split)
  if (recent !== undefined) watchExportClient(exportClient, recent, settingsByRoute)
  let rebatcher: Rebatcher | undefined
  // Most services have no worker thread that exports.
  const rebatcherOf = (): Rebatcher =>
    (rebatcher ??= new (load<typeof import('./rebatcher.ts')>('rebatcher').Rebatcher)(exportClient, {
      traces: rebatched(traces.otlp, traces),
      zipkin: rebatched(traces.zipkin, traces),
      logs: rebatched(logs.otlp, logs),
    }))
  const batchers: (Batcher<ReadableSpan> | Batcher<ReadableLogRecord>)[] = []
  const spanProcessors: KeptSpanProcessor[] = []
  const logRecordProcessors: LogRecordProcessor[] = []
  let redaction: Redaction | undefined
  const redact = (): Redaction =>
    (redaction ??= load<typeof import('../privacy/redaction.ts')>('redaction').createRedaction(settings.privacy))

  for (const route of ['traces', 'zipkin'] as const) {
    const otlp = settingsByRoute[route]
    if (otlp === undefined) continue
    const batcher = new Batcher(route, traces.batch, () => spanEncoder(otlp, redact()), exportClient, bounds, isThread)
    batchers.push(batcher)
    spanProcessors.push(new BatchingSpanProcessor(batcher, flushFor(otlp), isProtobuf(otlp)))
  }
  if (traces.exporters.includes('console'))
    spanProcessors.push(new (consoleExport().ConsoleSpanProcessor)((span) => redact().span(span)))
  if (settings.print) {
    const { PrintingSpanProcessor } = load<typeof import('./printing.ts')>('printing')
    spanProcessors.push(new PrintingSpanProcessor((span) => redact().span(span)))
  }
  if (logs.exporters.includes('otlp')) {
    const batcher = new Batcher(
      'logs',
      logs.batch,
      () => logEncoder(logs.otlp, redact()),
      exportClient,
      bounds,
      isThread,
    )
    batchers.push(batcher)
    logRecordProcessors.push(new BatchingLogRecordProcessor(batcher, flushFor(logs.otlp)))
  }
  if (logs.exporters.includes('console'))
    logRecordProcessors.push(new (consoleExport().ConsoleLogRecordProcessor)((record) => redact().log(record)))
  if (resourceSettled !== undefined) for (const batcher of batchers) void batcher.holdUntil(resourceSettled)
  const pushes = !isThread && metrics.exporters.some((exporter) => exporter !== 'prometheus')
  const pushReaders: PushReader[] = pushes
    ? load<typeof import('./push-metrics.ts')>('push-metrics').pushReaders(
        metrics,
        exportClient,
        flushFor(metrics.otlp),
      )
    : []

  function flushFor({ timeoutMs }: OtlpSettings): Flush {
    return async () => void (await exportClient.ledger.untilSettled(timeoutMs))
  }

  const drain = (): void => {
    for (const batcher of batchers) batcher.drain()
    rebatcher?.drain()
  }

  return {
    prepare: () => exportClient.prepare(),
    spanProcessors,
    logRecordProcessors,
    metricReaders: pushReaders.map(({ reader }) => reader),
    feed: recent === undefined ? undefined : promptFeed(recent, drain),
    upstream: { ledger: exportClient.ledger.buffer, post: (batch) => rebatcherOf().take(batch) },
    joinPushed(joinFor) {
      for (const reader of pushReaders) reader.joinWith(joinFor(reader.name))
    },
    observe(meter) {
      observeExport(meter, { ledger: exportClient.ledger, batchers, settingsByRoute })
    },
    pollStrategy(follow) {
      const { remote } = traces.sampler
      const serviceName = serviceLabel(settings.resource)
      if (remote === undefined) return
      try {
        exportClient.ask({ ...remote, serviceName }, follow)
      } catch (thrown) {
        warn(
          `could not ask ${shownUrl(remote.endpoint)} for a sampling strategy (${reasonOf(thrown)}); using the initial rate`,
        )
      }
    },
    endSync(timeoutMs, interlude) {
      const { ledger } = exportClient
      const routes = Object.keys(settingsByRoute) as Route[]
      if (pushReaders.length > 0 || batchers.some(({ size }) => size > 0)) exportClient.prepare()
      // The export client logs batches dropped for lack of a worker, with the reason.
      const lostByCollector = (route: Route): number => ledger.lost(route) - ledger.counted(route, 'no_worker')
      const lostBefore = new Map(routes.map((route) => [route, lostByCollector(route)]))
      for (const { drain } of pushReaders) quietly('metrics', drain)
      for (const batcher of batchers) {
        batcher.drain()
        batcher.logDropped()
      }
      // A worker thread may end long before the process does.
      if (isThread) return
      rebatcher?.drain()
      const notWaited = exportClient.endSync(timeoutMs, interlude)
      for (const route of routes) {
        const lost = lostByCollector(route) - (lostBefore.get(route) ?? 0) + ledger.pendingItems(route)
        if (lost === 0) continue
        const where = shownUrl(settingsByRoute[route]?.endpoint ?? '')
        const items = `${signalItems(route, lost)} dropped at exit`
        const trouble = exportClient.trouble(route)
        const why = trouble === undefined ? '' : ` (${trouble})`
        // Exports that were on their way may have arrived.
        if (notWaited !== undefined) warn(`${items} or not confirmed by ${where} (${notWaited})`)
        else warn(`${items}, ${where} did not accept them within ${Math.round(timeoutMs)} ms${why}`)
      }
    },
    async flush(timeoutMs) {
      drain()
      await Promise.all(pushReaders.map(({ reader }) => reader.forceFlush().catch(() => {})))
      return exportClient.ledger.untilSettled(timeoutMs)
    },
    inspect() {
      const { ledger } = exportClient
      const figures = Object.entries(settingsByRoute).map(([name, { endpoint }]) => {
        const route = name as Route
        const waiting = batchers.reduce((sum, batcher) => sum + (batcher.route === route ? batcher.size : 0), 0)
        const pending = ledger.pendingItems(route) + waiting
        const trouble = exportClient.trouble(route)
        return [
          name,
          {
            endpoint: shownUrl(endpoint),
            exported: ledger.counted(route, 'exported'),
            lost: ledger.lost(route),
            pending,
            ...(trouble === undefined ? {} : { trouble }),
          },
        ]
      })
      return Object.fromEntries(figures)
    },
  }
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

function rebatched({ protocol }: OtlpSettings, { batch }: TracesSettings | LogsSettings): RebatchedRoute {
  return { protocol, batch }
}

function settingsByRouteOf({ traces, metrics, logs }: Settings): SettingsByRoute {
  const settingsByRoute: Partial<Record<Route, OtlpSettings>> = {}
  const { exportTimeoutMs } = traces.batch
  if (traces.exporters.includes('otlp')) settingsByRoute.traces = within(exportTimeoutMs, traces.otlp)
  if (traces.exporters.includes('zipkin')) settingsByRoute.zipkin = within(exportTimeoutMs, traces.zipkin)
  if (metrics.exporters.includes('otlp')) settingsByRoute.metrics = within(metrics.exportTimeoutMs, metrics.otlp)
  if (logs.exporters.includes('otlp')) settingsByRoute.logs = within(logs.batch.exportTimeoutMs, logs.otlp)
  return settingsByRoute
}

/** Both the processor and the exporter have a timeout; the shorter applies, and 0 means none. */
function within(exportTimeoutMs: number, otlp: OtlpSettings): OtlpSettings {
  if (exportTimeoutMs === 0 || (otlp.timeoutMs !== 0 && otlp.timeoutMs <= exportTimeoutMs)) return otlp
  return { ...otlp, timeoutMs: exportTimeoutMs }
}

function quietly(what: Signal, work: () => void): void {
  try {
    work()
  } catch (thrown) {
    warn(`${what}: could not be collected at exit (${reasonOf(thrown)}); dropped`)
  }
}
