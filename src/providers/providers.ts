import type { LoggerProvider, Tracer } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { type IMetricReader, MeterProvider } from '@opentelemetry/sdk-metrics'
import { type Sampler, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { load } from '../base/chunks.ts'
import { matchesGlob } from '../base/glob.ts'
import type { Settings } from '../settings/settings.ts'
import { cheapCounters } from '../sdk/cheap-counters.ts'
import type { CloudDetection } from './cloud.ts'
import { routeReportingTracer } from '../sdk/span-routes.ts'
import { exemplarFilter } from '../sdk/exemplar-filter.ts'
import { replaceStorages } from '../sdk/metric-storage.ts'
import { RandomIds } from '../sdk/random-ids.ts'
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

/** The SDK's providers; undefined for a signal that is off. */
export interface Providers {
  readonly resource: Resource
  readonly tracerProvider: TracerProvider | undefined
  readonly meterProvider: MeterProvider | undefined
  readonly loggerProvider: LoggerProvider | undefined
  /** Loads what the first span needs, ahead of it. */
  readonly prepare: () => void
}

/** Builds the providers. `registerApi` registers them with the API. */
export function buildProviders(input: ProvidersInput): Providers {
  const { settings } = input
  const redaction = redactsMore(settings.privacy)
    ? load<typeof import('../privacy/redaction.ts')>('redaction').createAttributeRedaction(settings.privacy)
    : undefined
  const resource = createResource(settings.resource, input.cloud, redaction?.hides)
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
  return {
    resource,
    tracerProvider,
    meterProvider,
    loggerProvider,
    prepare: () => (tracerProvider === undefined ? undefined : ids.prepare()),
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
