import { inheritByPath, type NamedPreload } from './base/inherited-preload.ts'
import { afterTheAppStarted } from './start/after-the-app-started.ts'
import { load } from './base/chunks.ts'
import { decide } from './start/decide.ts'
import * as diag from './base/diag.ts'
import { type Facts, isMainThread, readFacts } from './base/facts.ts'
import type { BatchFeed } from './export/recent-batches.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { Handle } from './base/handle.ts'
import { operationMetricsWith } from './base/operation-metrics.ts'
import { samplesOnItsOwn } from './base/samples-on-its-own.ts'
import { processInput } from './base/environment.ts'
import { serviceLabel } from './base/service-label.ts'
import type { SamplingStrategy, Settings } from './settings/settings.ts'
import { switchedOffBy } from './base/switches.ts'
import type { SidePort } from './sideport/sideport.ts'
import { inspectedProcess, pageSource } from './start/page-source.ts'
import { mayBeABundle } from './base/bundle-size.ts'
import { startLine } from './start/start-line.ts'
import type { ThreadHost } from './threads/host.ts'
import { withThreads } from './threads/with-threads.ts'

/** Makes the children and threads of a process that is switched off find the preload. */
export function doNotStart(preload: NamedPreload | undefined = inheritByPath()): void {
  if (preload === undefined) return
  load<typeof import('./threads/worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(preload)
}

/**
 * Starts telemetry, from top to bottom. Before the decision, no OpenTelemetry code is loaded, so a process that is not
 * instrumented pays next to nothing. `register/index.cjs` has put `handle` on `globalThis`, where the public API
 * (`index.ts`) finds it. `keepCompiled` caches what V8 compiled of this package for the next start.
 */
export function start(handle: Handle, keepCompiled: () => void): void {
  const preload = inheritByPath()
  const input = processInput({
    parseDotEnv: () => load<typeof import('./settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('./settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  if (switchedOffBy(input.env, {}) !== undefined) return doNotStart(preload)
  if (!isMainThread()) {
    load<typeof import('./threads/start-in-thread.ts')>('start-in-thread').startInThread(handle)
    return
  }
  const facts = readFacts(input)
  const settings = load<typeof import('./settings/read.ts')>('settings').readSettings(input)
  diag.setLogLevel(settings.logLevel)
  const decision = decide(facts, settings)
  if (decision.start) {
    for (const { message } of settings.problems) diag.warn(message)
    startTelemetry(facts, settings, handle, keepCompiled, preload)
  } else {
    handle.notStartedReason = decision.reason
    if (decision.tell) diag.warn(decision.reason)
    else diag.debug(`not started: ${decision.reason}`)
    doNotStart(preload)
  }
}

/**
 * Runs the stages in order. They are one chunk (`stages.ts`); parts that not every app needs are chunks of their own
 * (`chunks.ts`). Nothing is connected, opened or requested before the app has started.
 */
function startTelemetry(
  facts: Facts,
  settings: Settings,
  handle: Handle,
  keepCompiled: () => void,
  preload?: NamedPreload,
): void {
  const stages = load<typeof import('./start/stages.ts')>('stages')
  const { cloudDetectors } = settings.resource
  const cloud =
    cloudDetectors.length === 0
      ? undefined
      : new (load<typeof import('./providers/cloud.ts')>('cloud').CloudDetection)(cloudDetectors)
  const pipeline = stages.createPipeline(settings, cloud?.settled)
  const sidePort = settings.metrics.exporters.includes('prometheus') ? stages.createSidePort(settings) : undefined
  const sampling = samplesOnItsOwn(settings.traces)
    ? load<typeof import('./sampling/sampling.ts')>('sampling').createSampling(settings.traces, pipeline.spanProcessors)
    : undefined
  const { meter, resource, api, prepare } = stages.registerProviders({
    settings,
    spanProcessors: sampling?.spanProcessors ?? pipeline.spanProcessors,
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: [...pipeline.metricReaders, ...(sidePort === undefined ? [] : [sidePort.reader])],
    cloud,
  })
  if (settings.logs.console.length > 0)
    load<typeof import('./providers/console-logs.ts')>('console-logs').watchConsole(settings.logs.console)

  // Set when the app first loads node:worker_threads, when the sampling server answers, and when the app has started.
  let threads: ThreadHost | undefined
  let strategy: SamplingStrategy | undefined
  let fleet: Fleet | undefined
  const hooks = stages.installHooks({
    settings: settings.instrumentations,
    ...facts,
    operationMetricsOf: operationMetricsWith(meter),
    onWorkerThreads: () => {
      const { names, hasFetch } = hooks
      threads = load<typeof import('./threads/host.ts')>('thread-host').hostThreads(
        { settings, resource, names, hasFetch, strategy, preload },
        pipeline,
      )
      pipeline.joinPushed(threads.joinPushed)
    },
  })
  if (facts.requiresBuiltinsAlone) hooks.useBuiltins()
  stages.watchLifecycle({
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
    handle.endOfInvocation = stages.endOfInvocation(pipeline.flush, settings.lifecycle.signalFlushTimeoutMs)
  }
  if (sidePort !== undefined) handle.setReady = sidePort.setReady
  handle.inspect = () => ({
    service: serviceLabel(settings.resource),
    instrumentations: [...hooks.inspect(), ...(threads?.instrumentations() ?? [])],
    exports: pipeline.inspect(),
  })

  afterTheAppStarted(() => {
    if (mayBeABundle(facts.mainScript) && !hooks.hasBundled()) {
      void load<typeof import('./start/unmarked-bundle.ts')>('unmarked-bundle').logUnmarkedBundle(
        facts.mainScript,
        hooks.names,
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
  })
}

interface JoinInput {
  readonly settings: Settings
  readonly sidePort: SidePort
  readonly threads: () => ThreadHost | undefined
  /** What the page shows of this process; undefined if the page is off. */
  readonly feed: BatchFeed | undefined
  readonly handle: Handle
  readonly mainScript: string | undefined
}

/** Opens the side port, or joins the process of the same service that has opened it. */
function joinFleet({ settings, mainScript, sidePort, threads, feed, handle }: JoinInput): Fleet {
  const { host, port, ...protection } = settings.sidePort
  const { metrics, open } = sidePort
  const fleet = new (load<typeof import('./fleet/fleet.ts')>('fleet').Fleet)({
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
