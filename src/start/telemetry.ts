import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { Facts } from '../base/facts.ts'
import type { Handle } from '../base/handle.ts'
import type { NamedPreload } from '../base/inherited-preload.ts'
import { operationMetricsWith } from '../base/load-operation-metrics.ts'
import { samplesOnItsOwn } from '../base/samples-on-its-own.ts'
import { serviceLabel } from '../base/service-label.ts'
import { createPipeline } from '../export/pipeline.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { createHooks, type Hooks } from '../hooks/hooks.ts'
import { endOfInvocation } from '../lifecycle/end-of-invocation.ts'
import { watchLifecycle } from '../lifecycle/lifecycle.ts'
import { registerProviders } from '../providers/providers.ts'
import type { SamplingStrategy, Settings } from '../settings/settings.ts'
import { createSidePort, type SidePort } from '../sideport/sideport.ts'
import type { ThreadHost } from '../threads/thread-host.ts'
import { inspectedProcess, pageSource } from './page-source.ts'
import { mayBeABundle, SMALLEST_BUNDLE_BYTES } from './bundle-candidate.ts'
import { startLine } from './start-line.ts'
import { withThreads } from '../threads/with-threads.ts'

export interface TelemetryInput {
  readonly facts: Facts
  readonly settings: Settings
  readonly handle: Handle
  /** Caches the code that V8 compiled of this package for the next start. */
  readonly keepCompiled: () => void
  readonly preload: NamedPreload | undefined
}

export interface Telemetry {
  readonly hooks: Hooks
  /** To be called when the app has started. Opens the side port and starts the runtime metrics. */
  readonly afterTheAppStarted: () => void
}

/**
 * Runs the stages in order, at the first use. The stages are one chunk (`stages.ts`), and each part that not every app
 * needs is a chunk of its own (`chunks.ts`). No port or connection is opened before the app has started.
 */
export function startTelemetry({ facts, settings, handle, keepCompiled, preload }: TelemetryInput): Telemetry {
  const { cloudDetectors } = settings.resource
  const cloud =
    cloudDetectors.length === 0
      ? undefined
      : new (load<typeof import('../providers/cloud.ts')>('cloud').CloudDetection)(cloudDetectors)
  const pipeline = createPipeline(settings, cloud?.settled)
  const sidePort = settings.metrics.exporters.includes('prometheus') ? createSidePort(settings) : undefined
  const sampling = samplesOnItsOwn(settings.traces)
    ? load<typeof import('../sampling/sampling.ts')>('sampling').createSampling(
        settings.traces,
        pipeline.spanProcessors,
      )
    : undefined
  const { meter, resource, api, prepare } = registerProviders({
    settings,
    spanProcessors: sampling?.spanProcessors ?? pipeline.spanProcessors,
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: [...pipeline.metricReaders, ...(sidePort === undefined ? [] : [sidePort.reader])],
    cloud,
  })
  if (settings.logs.console.length > 0)
    load<typeof import('../providers/console-logs.ts')>('console-logs').watchConsole(settings.logs.console)

  // Set when the app first loads node:worker_threads, when the sampling server answers, and when the app has started.
  let threads: ThreadHost | undefined
  let strategy: SamplingStrategy | undefined
  let fleet: Fleet | undefined
  const hooks = createHooks({
    settings: settings.instrumentations,
    ...facts,
    operationMetricsOf: operationMetricsWith(meter),
    onWorkerThreads: () => {
      const { names, hasFetch } = hooks
      threads = load<typeof import('../threads/thread-host.ts')>('thread-host').hostThreads(
        { settings, resource, names, hasFetch, strategy, preload },
        pipeline,
      )
      pipeline.joinPushed(threads.joinPushed)
    },
  })
  if (facts.requiresBuiltinsAlone) hooks.useBuiltins()
  watchLifecycle({
    settings: settings.lifecycle,
    endSync: (timeoutMs, interlude) => {
      handle.ending?.()
      threads?.receiveNow()
      fleet?.endSync()
      sampling?.decideAll(process.exitCode)
      pipeline.endSync(timeoutMs, interlude)
      handle.ended?.()
      keepCompiled()
    },
  })
  Object.assign(handle, api)
  handle.flush = pipeline.flush
  handle.bundled = hooks.bundled
  if (facts.lambdaHandler !== undefined) {
    // The first invocation waits for its export, and the handler is still loading.
    pipeline.prepare()
    handle.endOfInvocation = endOfInvocation(pipeline.flush, settings.lifecycle.signalFlushTimeoutMs)
  }
  if (sidePort !== undefined) handle.setReady = sidePort.setReady
  handle.inspect = () => ({
    service: serviceLabel(settings.resource),
    instrumentations: [...hooks.inspect(), ...(threads?.instrumentations() ?? [])],
    exports: pipeline.inspect(),
  })

  const afterTheAppStarted = (): void => {
    if (mayBeABundle(facts.mainScript) && !hooks.hasBundled()) {
      void load<typeof import('./unmarked-bundle.ts')>('unmarked-bundle').logUnmarkedBundle(
        facts.mainScript,
        hooks.names,
        SMALLEST_BUNDLE_BYTES,
      )
    }
    cloud?.start()
    prepare()
    hooks.observeRuntime()
    const remote = sampling?.rootSampler
    if (remote !== undefined) {
      pipeline.pollStrategy((next) => {
        strategy = next
        remote.follow(next)
        threads?.sample(next)
      })
    }
    if (meter !== undefined) {
      pipeline.observe(meter)
      sampling?.observe(meter)
    }
    if (sidePort === undefined) diag.info(startLine(settings, 'no side port'))
    else
      fleet = joinFleet({
        settings,
        sidePort,
        threads: () => threads,
        feed: pipeline.feed,
        handle,
        mainScript: facts.mainScript,
      })
  }
  return { hooks, afterTheAppStarted }
}

interface JoinInput {
  readonly settings: Settings
  readonly sidePort: SidePort
  readonly threads: () => ThreadHost | undefined
  /** The batches of this process for the page; undefined if the page is off. */
  readonly feed: BatchFeed | undefined
  readonly handle: Handle
  readonly mainScript: string | undefined
}

/** Opens the side port, or joins the process of the same service that has opened it. */
function joinFleet({ settings, mainScript, sidePort, threads, feed, handle }: JoinInput): Fleet {
  const { host, port, ...protection } = settings.sidePort
  const { metrics, open } = sidePort
  const fleet = new (load<typeof import('../fleet/fleet.ts')>('fleet').Fleet)({
    settings: settings.fleet,
    // Unrelated apps may have no name.
    service: settings.resource.serviceName ?? `${serviceLabel(settings.resource)} ${mainScript ?? ''}`,
    host,
    port,
    protection,
    own: withThreads(metrics, threads, settings.metrics.prometheusHistogramAggregation),
    feed,
    inspect: () => inspectedProcess(handle, feed),
    open: (at, collect, all) => open(at, collect, all === undefined ? undefined : pageSource(settings, handle, all)),
  })
  fleet.start().then(
    (place) => {
      const isLogged = fleet.isMember && process.channel != null
      // A service that forks a process for each job logs its start line once.
      return isLogged ? diag.debug(startLine(settings, place)) : diag.info(startLine(settings, place))
    },
    (thrown: unknown) => diag.warn(startLine(settings, `no metrics: ${diag.reasonOf(thrown)}`)),
  )
  return fleet
}
