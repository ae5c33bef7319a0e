import type { Resource } from '@opentelemetry/resources'
import { load } from './chunks.ts'
import { decide } from './decide.ts'
import * as diag from './diag.ts'
import { isMainThread, readFacts } from './facts.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { Handle } from './handle.ts'
import { measuresWith } from './measures/measured.ts'
import { samplesOnItsOwn } from './sampling/samples-on-its-own.ts'
import { processInput } from './settings/environment.ts'
import type { SamplingStrategy, Settings } from './settings/settings.ts'
import type { SidePort } from './sideport/sideport.ts'
import type { ThreadHost } from './threads/host.ts'
import type { ThreadLink } from './threads/link.ts'
import { withThreads } from './threads/with-threads.ts'
import { switchedOffBy } from './settings/switches.ts'

/**
 * A start, from top to bottom. Up to the decision nothing of OpenTelemetry is loaded, so a process that stays out pays
 * next to nothing; the stages after it are one chunk, and what not every app needs one each (`chunks.ts`). `handle` is what `register/index.cjs` left on
 * `globalThis` for the public API (`index.ts`) to find.
 */
export function start(handle: Handle): void {
  const input = processInput({
    parseDotEnv: () => load('parse-dot-env').parse,
    readDeclared: () => load('config-file').readDeclared,
  })
  if (switchedOffBy(input.env, {}) !== undefined) return
  if (!isMainThread()) {
    load('start-in-thread').startInThread(handle)
    return
  }
  const facts = readFacts(input)
  const settings = load('settings').readSettings(input)
  diag.setLogLevel(settings.logLevel)
  const decision = decide(facts, settings)
  if (!decision.start) {
    handle.stayedOut = decision.reason
    if (decision.tell) diag.warn(decision.reason)
    else diag.debug(`not started: ${decision.reason}`)
    return
  }
  for (const { message } of settings.problems) diag.warn(message)

  const stages = load('stages')
  const { cloudDetectors } = settings.resource
  const cloud = cloudDetectors.length === 0 ? undefined : new (load('cloud').CloudDetection)(cloudDetectors)
  const pipeline = stages.createPipeline(settings, cloud?.settled)
  const sidePort = settings.metrics.exporters.includes('prometheus') ? stages.createSidePort(settings) : undefined
  const sampling = samplesOnItsOwn(settings.traces)
    ? load('sampling').createSampling(settings.traces, pipeline.spanProcessors)
    : undefined
  const { meter, resource } = stages.registerProviders({
    settings,
    spanProcessors: sampling?.spanProcessors ?? pipeline.spanProcessors,
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: [...pipeline.metricReaders, ...(sidePort === undefined ? [] : [sidePort.reader])],
    cloud,
  })
  if (settings.logs.console.length > 0) load('console-logs').watchConsole(settings.logs.console)
  let threads: ThreadHost | undefined
  let strategy: SamplingStrategy | undefined
  const hooks = stages.installHooks({
    settings: settings.instrumentations,
    ...facts,
    measuresOf: measuresWith(meter),
    onWorkerThreads: () => {
      const link = { settings, resource: knownAttributes(resource), names: hooks.names, hasFetch: hooks.hasFetch }
      threads = load('thread-host').hostThreads(link, { ...pipeline.upstream, flush: pipeline.flush })
      pipeline.joinPushed(threads.joinPushed)
      if (strategy !== undefined) threads.sample(strategy)
    },
  })
  let fleet: Fleet | undefined
  stages.watchLifecycle({
    settings: settings.lifecycle,
    endSync: (timeoutMs) => {
      threads?.receiveNow()
      fleet?.endSync()
      sampling?.decideAll(process.exitCode)
      pipeline.endSync(timeoutMs)
      handle.ended?.()
    },
  })
  handle.flush = pipeline.flush
  if (sidePort !== undefined) handle.setReady = sidePort.setReady
  handle.inspect = () => ({
    service: settings.resource.serviceName ?? 'unknown_service',
    instrumentations: hooks.inspect(),
    exports: pipeline.inspect(),
  })

  afterTheAppStarted(() => {
    cloud?.start()
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
    if (sidePort === undefined) {
      diag.info(startLine(settings, 'no side port'))
      return
    }
    const metrics = withThreads(sidePort.metrics, () => threads, settings.metrics.prometheusHistogramAggregation)
    fleet = createFleet(settings, { ...sidePort, metrics })
    fleet.start().then(
      (place) => diag.info(startLine(settings, place)),
      (thrown: unknown) => diag.warn(startLine(settings, `no metrics: ${diag.reasonOf(thrown)}`)),
    )
  })
}

function createFleet(settings: Settings, { metrics, open }: SidePort): Fleet {
  const { host, port, ...protection } = settings.sidePort
  const service = settings.resource.serviceName ?? 'unknown_service'
  return new (load('fleet').Fleet)({
    settings: settings.fleet,
    service,
    host,
    port,
    protection,
    own: metrics,
    open,
  })
}

/** From the first turn of the event loop on: then the app does what it was started for, and connects and listens. */
const AFTER_THE_FIRST_TURN_MS = 50

/** What no app waits for does not delay it, and a short script never pays for it. */
function afterTheAppStarted(work: () => void): void {
  const quietly = (): void => {
    try {
      work()
    } catch (thrown) {
      diag.warn(`the side port could not be started (${diag.reasonOf(thrown)}); the app runs without it`)
    }
  }
  setImmediate(() => setTimeout(quietly, AFTER_THE_FIRST_TURN_MS).unref()).unref()
}

/** Without what is still asked: a thread does not wait for it. Of doubled names the first holds, as in the resource itself. */
function knownAttributes(resource: Resource): ThreadLink['resource'] {
  const known = resource.getRawAttributes().filter(([, value]) => value !== undefined && !(value instanceof Promise))
  return Object.fromEntries(known.toReversed()) as ThreadLink['resource']
}

function startLine({ resource, traces }: Settings, metrics: string): string {
  const service = resource.serviceName ?? 'unknown_service'
  const version = resource.serviceVersion === undefined ? '' : ` ${resource.serviceVersion}`
  const destinations = traces.exporters.map((exporter) => {
    if (exporter === 'console') return 'stderr'
    const { endpoint, protocol } = traces[exporter]
    return `${endpoint} (${protocol})`
  })
  const tracing = destinations.length === 0 ? 'no traces' : `traces to ${destinations.join(' and ')}`
  return `${service}${version}: ${tracing}, ${metrics}`
}
