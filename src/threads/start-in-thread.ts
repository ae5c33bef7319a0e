import { subscribe } from 'node:diagnostics_channel'
import { getEnvironmentData, isInternalThread, type Worker, workerData } from 'node:worker_threads'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import { whyNotTheApp } from '../base/guardrails.ts'
import type { Handle } from '../base/handle.ts'
import { operationMetricsWith } from '../base/operation-metrics.ts'
import type { Hooks } from '../hooks/hooks.ts'
import { samplesOnItsOwn } from '../base/samples-on-its-own.ts'
import { type Built, onFirstUse } from '../base/first-use.ts'
import { LINK_KEY, type ThreadLink } from '../base/thread-link.ts'
import { MainLink } from './main-link.ts'
import { collectThread } from './thread-collection.ts'
import { ThreadSpans } from './thread-spans.ts'

/**
 * Starts telemetry in a worker thread of the app. The main thread has decided and read everything (`threads/host.ts`);
 * it is built here when the thread first needs it. All telemetry is exported through the main thread.
 */
export function startInThread(handle: Handle): void {
  const link = getEnvironmentData(LINK_KEY) as ThreadLink | undefined
  // Excludes Node's own thread for module hooks and the export worker.
  if (link === undefined || isInternalThread || isExportWorker()) return
  const { settings, preload } = link
  if (preload !== undefined) {
    load<typeof import('./worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(preload)
  }
  diag.setLogLevel(settings.logLevel)
  const reason = whyNotTheApp({ main: process.argv[1] ?? '', checksOnly: false, asked: false }, settings.guardrails)
  if (reason !== undefined) {
    diag.debug(`not started in a worker thread: ${reason}`)
    return
  }
  const main = new MainLink()
  reportThreads(main)
  // Console output is exported even when the thread uses nothing else.
  const atOnce = settings.logs.console.includes('export')
  const use = onFirstUse({ ...link, handle, where: ' in a worker thread' }, () => build(handle, link, main))
  if (atOnce) use()
}

function build(handle: Handle, { settings, resource, ledger, strategy }: ThreadLink, main: MainLink): Built {
  const metrics = settings.metrics.exporters.length > 0 ? collectThread(main, settings.metrics) : undefined
  const pipeline = load<typeof import('../start/stages.ts')>('stages').createPipeline(settings, undefined, {
    ledger,
    post: (batch) => {
      main.send(batch)
      metrics?.sendIfOld()
    },
  })
  const sampling = samplesOnItsOwn(settings.traces)
    ? load<typeof import('../sampling/sampling.ts')>('sampling').createSampling(
        settings.traces,
        pipeline.spanProcessors,
      )
    : undefined
  const remote = sampling?.rootSampler
  if (remote !== undefined) {
    if (strategy !== undefined) remote.follow(strategy)
    main.onStrategy((next) => remote.follow(next))
  }
  const spanProcessors = sampling?.spanProcessors ?? pipeline.spanProcessors
  const { meter, api } = load<typeof import('../start/stages.ts')>('stages').registerProviders({
    settings: { ...settings, resource: { ...settings.resource, detectors: [], attributes: resource } },
    spanProcessors: spanProcessors.length === 0 ? [] : [new ThreadSpans(), ...spanProcessors],
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: metrics?.readers ?? [],
  })
  if (settings.logs.console.length > 0)
    load<typeof import('../providers/console-logs.ts')>('console-logs').watchConsole(settings.logs.console)
  const hooks = load<typeof import('../start/stages.ts')>('stages').createHooks({
    settings: settings.instrumentations,
    nodeVersion: process.versions.node,
    mainScript: process.argv[1],
    operationMetricsOf: operationMetricsWith(meter),
  })
  tellInstrumentations(main, hooks)
  const handOver = (): void => {
    sampling?.decideAll(process.exitCode)
    pipeline.endSync(0)
    metrics?.send(false)
  }
  load<typeof import('../start/stages.ts')>('stages').watchThread(handOver)
  if (metrics !== undefined) setImmediate(() => hooks.observeRuntime()).unref()
  Object.assign(handle, api)
  handle.flush = (timeoutMs) => {
    pipeline.endSync(0)
    return main.flush(timeoutMs)
  }
  return hooks
}

/**
 * Sends the instrumentations of this thread, when they have changed, each time the main thread asks for the metrics.
 */
function tellInstrumentations(main: MainLink, hooks: Pick<Hooks, 'inspect'>): void {
  const { onCollect } = main
  let sent = ''
  main.onCollect = () => {
    onCollect()
    const instrumentations = hooks.inspect()
    const text = JSON.stringify(instrumentations)
    if (text === sent) return
    sent = text
    main.send({ instrumentations })
  }
}

/** Reports threads started by this one, which the main thread would not see otherwise. */
function reportThreads(main: MainLink): void {
  subscribe('worker_threads', (message) => {
    const { worker } = message as { readonly worker: Worker }
    const started = worker.threadId
    main.send({ started })
    worker.once('exit', () => main.send({ ended: started }))
  })
}

function isExportWorker(): boolean {
  return (workerData as { readonly isExportWorker?: true } | null)?.isExportWorker === true
}
