import {
  context,
  diag,
  type DiagLogger,
  DiagLogLevel,
  logs,
  type Meter,
  metrics,
  propagation,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { type IMetricReader, MeterProvider } from '@opentelemetry/sdk-metrics'
import { type Sampler, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { load, loadWithin } from '../base/chunks.ts'
import { matchesGlob } from '../base/glob.ts'
import * as ours from '../base/diag.ts'
import type { LogLevel, Settings } from '../settings/settings.ts'
import { VERSION } from '../base/version.ts'
import { cheapCounters } from '../sdk/cheap-counters.ts'
import type { CloudDetection } from './cloud.ts'
import { StorageContextManager } from '../sdk/context-manager.ts'
import { routeReportingTracer } from '../sdk/span-routes.ts'
import { expectOwnWorkWatched, untraced } from '../sdk/untraced.ts'
import { exemplarFilter } from '../sdk/exemplar-filter.ts'
import { replaceStorages } from '../sdk/metric-storage.ts'
import { RandomIds } from '../sdk/random-ids.ts'
import { liveBesideLaterSdk, ownApi } from './later-sdk.ts'
import { createPropagator } from './propagator.ts'
import { createResource } from './resource.ts'
import { createSampler } from './sampler.ts'

export interface ProvidersInput {
  readonly settings: Settings
  readonly spanProcessors: readonly SpanProcessor[]
  /** The sampler for root spans, when it is not one of the SDK's. */
  readonly rootSampler?: Sampler | undefined
  /** Wraps the specification's sampler. */
  readonly aroundSampler?: ((sampler: Sampler) => Sampler) | undefined
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  readonly metricReaders: readonly IMetricReader[]
  /** Adds attributes to the resource as it finds them. */
  readonly cloud?: CloudDetection | undefined
}

export interface Registered {
  readonly resource: Resource
  /** For our own metrics; undefined when metrics are off. */
  readonly meter: Meter | undefined
  /** Loads what the first span needs, ahead of it. */
  readonly prepare: () => void
  /** For `handle`. */
  readonly api: ReturnType<typeof ownApi>
}

/** Builds every provider before the first is registered, so that a failure leaves the API unchanged. */
export function registerProviders(input: ProvidersInput): Registered {
  const { settings } = input
  const redaction = redactsMore(settings.privacy)
    ? load<typeof import('../privacy/redaction.ts')>('redaction').createAttributeRedaction(settings.privacy)
    : undefined
  const resource = createResource(settings.resource, input.cloud, redaction?.hides)
  const contextManager = new StorageContextManager()
  const propagator = createPropagator(settings.propagators)
  const views = settings.metrics.views.length === 0 ? undefined : load<typeof import('../sdk/views.ts')>('views')
  const meterProvider =
    input.metricReaders.length === 0
      ? undefined
      : new MeterProvider({
          resource,
          readers: [...input.metricReaders],
          views: views?.viewOptions(settings.metrics.views) ?? [],
          sdkMetricsEnabled: settings.metrics.sdkMetrics,
        })
  if (meterProvider !== undefined) {
    views?.selectNames(meterProvider, settings.metrics.views)
    replaceStorages(meterProvider, exemplarFilter(settings.metrics.exemplarFilter), redaction?.attributes)
  }
  const own = settings.metrics.sdkMetrics ? meterProvider : undefined
  const ids = new RandomIds()
  const tracerProvider = input.spanProcessors.length === 0 ? undefined : createTracerProvider(input, resource, own, ids)
  const loggerProvider =
    input.logRecordProcessors.length === 0
      ? undefined
      : load<typeof import('./logger-provider.ts')>('logger-provider').createLoggerProvider(
          resource,
          input.logRecordProcessors,
          settings.logs.limits,
          own,
        )

  diag.setLogger(diagLogger, diagLevel(settings.logLevel))
  context.setGlobalContextManager(contextManager)
  propagation.setGlobalPropagator(propagator)
  if (meterProvider !== undefined) metrics.setGlobalMeterProvider(meterProvider)
  if (tracerProvider !== undefined) trace.setGlobalTracerProvider(tracerProvider)
  if (loggerProvider !== undefined) logs.setGlobalLoggerProvider(loggerProvider)
  liveBesideLaterSdk(contextManager)
  if (watchesOwnWork(settings.instrumentations)) {
    expectOwnWorkWatched()
    loadWithin(untraced)
  }
  return {
    resource,
    meter: meterProvider?.getMeter('@paxx/obs', VERSION),
    prepare: () => (tracerProvider === undefined ? undefined : ids.prepare()),
    api: ownApi(tracerProvider !== undefined, meterProvider !== undefined),
  }
}

function redactsMore({ redact }: Settings['privacy']): boolean {
  return redact.patterns.length + redact.attributes.length > 0
}

/** `ownMetrics` receives the metrics of the provider itself. */
function createTracerProvider(
  { settings, spanProcessors, rootSampler, aroundSampler = (sampler) => sampler }: ProvidersInput,
  resource: Resource,
  ownMetrics: MeterProvider | undefined,
  idGenerator: RandomIds,
): TracerProvider {
  const { limits, sampler } = settings.traces
  const provider = new TracerProvider({
    resource,
    ...(ownMetrics === undefined ? {} : { meterProvider: cheapCounters(ownMetrics) }),
    sampler: aroundSampler(createSampler(sampler, rootSampler)),
    spanProcessors: [...spanProcessors],
    idGenerator,
    spanLimits: {
      attributeCountLimit: limits.attributeCount,
      attributeValueLengthLimit: limits.attributeValueLength,
      eventCountLimit: limits.eventCount,
      linkCountLimit: limits.linkCount,
      attributePerEventCountLimit: limits.attributePerEventCount,
      attributePerLinkCountLimit: limits.attributePerLinkCount,
    },
  })
  const { getTracer } = provider
  provider.getTracer = (scope, ...rest) => tracerOf(scope, getTracer.call(provider, scope, ...rest), settings)
  return provider
}

const OWN_SCOPES = /^(?:@paxx\/obs|@opentelemetry\/instrumentation-http$)/

/**
 * Our instrumentations set routes themselves. Next.js has its own handling; spans of other scopes report their route,
 * unless `OBS_IGNORE_SCOPES` names them.
 */
function tracerOf(scope: string, tracer: Tracer, { traces, instrumentations }: Settings): Tracer {
  const isIgnored = traces.ignoreScopes.some((pattern) => matchesGlob(pattern, scope))
  if (!isIgnored && OWN_SCOPES.test(scope)) return tracer
  routeReportingTracer(tracer)
  if (!isIgnored && scope !== 'next.js') return tracer
  const scopes = load<typeof import('../instrumentation/frameworks/scopes.ts')>('scopes')
  return isIgnored ? scopes.ignoring(tracer) : scopes.tracerOfNext(tracer, instrumentations.frameworkSpans)
}

/** Passes on what the SDK and the instrumentations log, each line once. */
const logged = new Set<string>()
const diagLogger: DiagLogger = {
  error: (...words) => (isLate(words) ? ours.debug(lineOf(words)) : logOnce(ours.error, words)),
  warn: (...words) => (isLate(words) ? ours.debug(lineOf(words)) : logOnce(ours.warn, words)),
  info: (...words) => logOnce(ours.debug, words),
  debug: (...words) => ours.debug(lineOf(words)),
  verbose: (...words) => ours.debug(lineOf(words)),
}

/** Frameworks modify or end a span after the response was sent, which is harmless and nothing that a user can fix. */
function isLate([first]: readonly unknown[]): boolean {
  return (
    typeof first === 'string' &&
    /^Cannot execute the operation on ended Span|You can only call end\(\) on a span once\.$/.test(first)
  )
}

const MAX_DISTINCT_LINES = 100

function logOnce(log: (line: string) => void, words: unknown[]): void {
  const line = lineOf(words)
  if (logged.has(line) || logged.size >= MAX_DISTINCT_LINES) return
  logged.add(line)
  log(line)
}

function lineOf(words: unknown[]): string {
  return words.map((word) => (typeof word === 'string' ? word : ours.reasonOf(word))).join(' ')
}

function diagLevel(level: LogLevel): DiagLogLevel {
  switch (level) {
    case 'none':
      return DiagLogLevel.NONE
    case 'error':
      return DiagLogLevel.ERROR
    case 'debug':
      return DiagLogLevel.DEBUG
    case 'verbose':
    case 'all':
      return DiagLogLevel.VERBOSE
    default:
      return DiagLogLevel.WARN
  }
}

/**
 * Returns whether an instrumentation may watch our own use of files, sockets and look-ups. Upstream's are off by
 * default, and one that the user adds may watch anything.
 */
function watchesOwnWork({ enabled = [], extra }: Settings['instrumentations']): boolean {
  return extra.length > 0 || ['fs', 'net', 'dns'].some((name) => enabled.includes(name))
}
