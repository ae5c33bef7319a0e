import { load } from '../base/chunks.ts'
import type { Built } from '../base/first-use.ts'
import type { Handle } from '../base/handle.ts'
import { operationMetricsWith } from '../base/load-operation-metrics.ts'
import { samplesOnItsOwn } from '../base/samples-on-its-own.ts'
import type { ThreadLink } from '../base/thread-link.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { MainLink } from './main-link.ts'
import { collectThread } from './thread-collection.ts'
import { ThreadSpans } from './thread-spans.ts'

/** Builds the telemetry of a worker thread, at its first use. */
export function startThreadTelemetry(
  handle: Handle,
  { settings, resource, strategy }: ThreadLink,
  ledger: SharedArrayBuffer,
  main: MainLink,
): Built {
  const metrics = settings.metrics.exporters.length > 0 ? collectThread(main, settings.metrics) : undefined
  const { createHooks, registerApi, watchThread } = load<typeof import('../start/stages.ts')>('stages')
  const { buildProviders, createPipeline } = load<typeof import('../start/sdk-stages.ts')>('sdk-stages')
  const pipeline = createPipeline(settings, undefined, {
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
  const providers = buildProviders({
    settings: { ...settings, resource: { ...settings.resource, detectors: [], attributes: resource } },
    spanProcessors: spanProcessors.length === 0 ? [] : [new ThreadSpans(), ...spanProcessors],
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: metrics?.readers ?? [],
  })
  const { meter, api, use } = registerApi(settings, () => {})
  use(providers, () => {})
  if (settings.logs.console.length > 0)
    load<typeof import('../providers/console-logs.ts')>('console-logs').watchConsole(settings.logs.console)
  const hooks = createHooks({
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
  watchThread(handOver)
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
