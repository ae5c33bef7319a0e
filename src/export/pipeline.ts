import type { Meter } from '@opentelemetry/api'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { Inspection } from '../base/inspection.ts'
import { serviceLabel } from '../base/service-label.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { LogsSettings, OtlpSettings, SamplingStrategy, Settings, TracesSettings } from '../settings/settings.ts'
import { deliverAtExit } from './deliver-at-exit.ts'
import type { Interlude } from './ledger.ts'
import type { Route, SettingsByRoute } from './worker-messages.ts'
import { promptFeed } from './prompt-feed.ts'
import type { JoinPushed, PushReader } from './push-metrics.ts'
import type { RebatchedRoute, Rebatcher } from './rebatcher.ts'
import { type BatchFeed, RecentBatches, watchExportClient } from './recent-batches.ts'
import { settingsByRouteOf } from './route-settings.ts'
import { observeExport } from './export-metrics.ts'
import { createSignalProcessors, flushFor, type KeptSpanProcessor, type SignalProcessors } from './signal-processors.ts'
import { ThreadExportClient, type Upstream } from './thread-export-client.ts'
import { type ExportClient, WorkerExportClient } from './worker-export-client.ts'

/** Loaded with the first batch that is too large for the page's buffer. */
const split: typeof import('./split-body.ts').splitBody = (...args) =>
  load<typeof import('./split-body.ts')>('split-body').splitBody(...args)

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
  const settingsByRoute = settingsByRouteOf(settings)
  const isThread = upstream !== undefined
  const exportClient = isThread ? new ThreadExportClient(upstream) : workerExportClient(settings, settingsByRoute)
  const recent = isThread || !settings.page.isOn ? undefined : new RecentBatches(settings.page.recentBytes, split)
  if (recent !== undefined) watchExportClient(exportClient, recent, settingsByRoute)
  const { batchers, spanProcessors, logRecordProcessors } = createSignalProcessors(settings, {
    settingsByRoute,
    exportClient,
    promptly: isThread,
  })
  if (resourceSettled !== undefined) for (const batcher of batchers) void batcher.holdUntil(resourceSettled)
  const pushReaders = isThread ? [] : pushReadersOf(settings, exportClient)
  const ofThreads = batchesOfThreads(settings, exportClient)
  const drain = (): void => {
    for (const batcher of batchers) batcher.drain()
    ofThreads.drain()
  }

  return {
    prepare: () => exportClient.prepare(),
    spanProcessors,
    logRecordProcessors,
    metricReaders: pushReaders.map(({ reader }) => reader),
    feed: recent === undefined ? undefined : promptFeed(recent, drain),
    upstream: { ledger: exportClient.ledger.buffer, post: (batch) => ofThreads.take(batch) },
    joinPushed(joinFor) {
      for (const reader of pushReaders) reader.joinWith(joinFor(reader.name))
    },
    observe(meter) {
      observeExport(meter, { ledger: exportClient.ledger, batchers, settingsByRoute })
    },
    pollStrategy(follow) {
      pollStrategy(settings, exportClient, follow)
    },
    endSync(timeoutMs, interlude) {
      const undelivered = { settingsByRoute, exportClient, batchers, pushReaders, ofThreads, isThread }
      deliverAtExit(undelivered, timeoutMs, interlude)
    },
    async flush(timeoutMs) {
      drain()
      await Promise.all(pushReaders.map(({ reader }) => reader.forceFlush().catch(() => {})))
      return exportClient.ledger.untilSettled(timeoutMs)
    },
    inspect: () => inspect(settingsByRoute, exportClient, batchers),
  }
}

function workerExportClient(settings: Settings, settingsByRoute: SettingsByRoute): WorkerExportClient {
  const { maxRetainedBytes, maxExportBytes, exitFlushTimeoutMs } = settings.lifecycle
  const { logLevel } = settings
  return new WorkerExportClient({ settingsByRoute, maxRetainedBytes, maxExportBytes, exitFlushTimeoutMs, logLevel })
}

/** The readers of the exporters that push. Nothing of them is loaded when metrics are only scraped. */
function pushReadersOf({ metrics }: Settings, exportClient: ExportClient): PushReader[] {
  if (metrics.exporters.every((exporter) => exporter === 'prometheus')) return []
  const { pushReaders } = load<typeof import('./push-metrics.ts')>('push-metrics')
  return pushReaders(metrics, exportClient, flushFor(exportClient.ledger, metrics.otlp))
}

/** Joins the batches of the app's worker threads. Most services have none that exports. */
function batchesOfThreads({ traces, logs }: Settings, exportClient: ExportClient): Pick<Rebatcher, 'take' | 'drain'> {
  let rebatcher: Rebatcher | undefined
  return {
    take(batch) {
      rebatcher ??= new (load<typeof import('./rebatcher.ts')>('rebatcher').Rebatcher)(exportClient, {
        traces: rebatched(traces.otlp, traces),
        zipkin: rebatched(traces.zipkin, traces),
        logs: rebatched(logs.otlp, logs),
      })
      rebatcher.take(batch)
    },
    drain: () => rebatcher?.drain(),
  }
}

function rebatched({ protocol }: OtlpSettings, { batch }: TracesSettings | LogsSettings): RebatchedRoute {
  return { protocol, batch }
}

function pollStrategy(
  { traces, resource }: Settings,
  exportClient: ExportClient,
  follow: (strategy: SamplingStrategy) => void,
): void {
  const { remote } = traces.sampler
  const serviceName = serviceLabel(resource)
  if (remote === undefined) return
  try {
    exportClient.ask({ ...remote, serviceName }, follow)
  } catch (thrown) {
    const where = shownUrl(remote.endpoint)
    warn(`could not ask ${where} for a sampling strategy (${reasonOf(thrown)}); using the initial rate`)
  }
}

function inspect(
  settingsByRoute: SettingsByRoute,
  exportClient: ExportClient,
  batchers: SignalProcessors['batchers'],
): Inspection['exports'] {
  const { ledger } = exportClient
  const figures = Object.entries(settingsByRoute).map(([name, { endpoint }]) => {
    const route = name as Route
    const waiting = batchers.reduce((sum, batcher) => sum + (batcher.route === route ? batcher.size : 0), 0)
    const trouble = exportClient.trouble(route)
    const shown = {
      endpoint: shownUrl(endpoint),
      exported: ledger.counted(route, 'exported'),
      lost: ledger.lost(route),
      pending: ledger.pendingItems(route) + waiting,
      ...(trouble === undefined ? {} : { trouble }),
    }
    return [route, shown]
  })
  return Object.fromEntries(figures)
}
