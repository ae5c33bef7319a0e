import { Problem } from '../base/problem.ts'
import { type DeclaredMetrics, NO_DECLARED_METRICS } from '../base/declared-metrics.ts'
import { basicAuthorization } from '../base/url-parts.ts'
import { readEndpoint } from './otlp-endpoint.ts'
import { DEFAULT_OPTIONS, readOtlp } from './otlp.ts'
import { readCapture } from './privacy.ts'
import { readSampler } from './sampler-settings.ts'
import type {
  BatchSettings,
  GuardrailSettings,
  InstrumentationSettings,
  KeepSettings,
  IgnoreSettings,
  LifecycleSettings,
  LogsSettings,
  MetricsSettings,
  OtlpSettings,
  SpanLimitSettings,
  TracesSettings,
} from './settings.ts'
import type { Values } from './values.ts'

/** Each function reads one slice of the settings from its variables. */

export function readTraces(values: Values): TracesSettings {
  const exporters = values.choices<'otlp' | 'zipkin' | 'console'>('OTEL_TRACES_EXPORTER')
  return {
    exporters,
    otlp: readOtlp(values, 'traces', exporters.includes('otlp')),
    zipkin: readZipkin(values, exporters.includes('zipkin')),
    batch: readBatch(values, 'OTEL_BSP_'),
    sampler: readSampler(values),
    untraced: readIgnored(values, 'traces'),
    ignoreScopes: values.list('OBS_IGNORE_SCOPES') ?? [],
    keep: readKeep(values),
    perSecond: values.integer('OBS_TRACES_PER_SECOND'),
    limits: readSpanLimits(values),
  }
}

/** Reads the settings of the Zipkin exporter: https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/ */
function readZipkin(values: Values, active: boolean): OtlpSettings {
  const variable = 'OTEL_EXPORTER_ZIPKIN_ENDPOINT'
  const context = {
    protocol: 'http/json',
    signal: 'traces',
    general: false,
    insecure: { value: false, given: false },
  } as const
  const read = readEndpoint(values.text(variable) ?? ZIPKIN, context)
  if (read instanceof Problem) values.addProblem(variable, `${read.reason}; using ${ZIPKIN}`)
  else if (active) for (const hint of read.hints) values.addProblem(variable, hint)
  const { url, credentials } = read instanceof Problem ? { url: ZIPKIN, credentials: undefined } : read
  return {
    protocol: 'zipkin',
    endpoint: url,
    headers: credentials === undefined ? {} : { authorization: basicAuthorization(credentials) },
    proxy: undefined,
    ...DEFAULT_OPTIONS,
    timeoutMs: values.integer('OTEL_EXPORTER_ZIPKIN_TIMEOUT'),
  }
}

const ZIPKIN = 'http://localhost:9411/api/v2/spans'

export function readMetrics(
  values: Values,
  { views, seriesLimits }: DeclaredMetrics = NO_DECLARED_METRICS,
): MetricsSettings {
  const exporters = values.choices<'prometheus' | 'otlp' | 'console'>('OTEL_METRICS_EXPORTER')
  return {
    exporters,
    otlp: readOtlp(values, 'metrics', exporters.includes('otlp')),
    exportIntervalMs: values.integer('OTEL_METRIC_EXPORT_INTERVAL'),
    exportTimeoutMs: values.integer('OTEL_METRIC_EXPORT_TIMEOUT'),
    temporality: values.choice('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'),
    histogramAggregation: values.choice('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'),
    prometheusHistogramAggregation: values.choice('OBS_PROMETHEUS_HISTOGRAM_AGGREGATION'),
    exemplarFilter: values.choice('OTEL_METRICS_EXEMPLAR_FILTER'),
    translationStrategy: values.choice('OBS_PROMETHEUS_TRANSLATION_STRATEGY'),
    scopeLabels: values.flag('OBS_PROMETHEUS_SCOPE_LABELS'),
    sdkMetrics: values.flag('OTEL_NODE_EXPERIMENTAL_SDK_METRICS'),
    views,
    seriesLimits,
  }
}

export function readLogs(values: Values): LogsSettings {
  const exporters = values.choices<'otlp' | 'console'>('OTEL_LOGS_EXPORTER')
  return {
    exporters,
    otlp: readOtlp(values, 'logs', exporters.includes('otlp')),
    batch: readBatch(values, 'OTEL_BLRP_'),
    limits: {
      attributeCount: values.integer('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT'),
      attributeValueLength: values.integer('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    },
    console: readConsole(values, exporters.length > 0),
  }
}

function readConsole(values: Values, exports: boolean): LogsSettings['console'] {
  const chosen = values.choices<'correlate' | 'export'>('OBS_CONSOLE_LOGS')
  if (exports || !chosen.includes('export')) return chosen
  values.addProblem('OBS_CONSOLE_LOGS', 'names "export", but OTEL_LOGS_EXPORTER names no exporter; it is ignored')
  return chosen.filter((each) => each !== 'export')
}

export function readInstrumentations(values: Values): InstrumentationSettings {
  const ignored = readIgnored(values, 'all')
  return {
    enabled: values.list('OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
    disabled: values.list('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [],
    extra: values.list('OBS_INSTRUMENTATIONS') ?? [],
    options: values.family('OBS_INSTRUMENTATION_'),
    ignorePaths: ignored.paths,
    ignoreHosts: ignored.hosts,
    unmeasured: readIgnored(values, 'metrics'),
    httpKnownMethods: values.list('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS')?.map((method) => method.toUpperCase()),
    frameworkSpans: values.choice('OBS_FRAMEWORK_SPANS'),
    capture: readCapture(values),
    sendsLogs: values.choices('OTEL_LOGS_EXPORTER').length > 0,
  }
}

export function readLifecycle(values: Values): LifecycleSettings {
  return {
    exitFlushTimeoutMs: values.integer('OBS_EXIT_FLUSH_TIMEOUT'),
    signalFlushTimeoutMs: values.integer('OBS_SIGNAL_FLUSH_TIMEOUT'),
    maxRetainedBytes: values.integer('OBS_MAX_RETAINED_BYTES'),
    maxExportBytes: values.integer('OBS_MAX_EXPORT_BYTES'),
  }
}

export function readGuardrails(values: Values): GuardrailSettings {
  return {
    always: values.list('OBS_ALWAYS_INSTRUMENT') ?? [],
    never: values.list('OBS_NEVER_INSTRUMENT') ?? [],
  }
}

function readBatch(values: Values, prefix: string): BatchSettings {
  return {
    scheduleDelayMs: values.integer(`${prefix}SCHEDULE_DELAY`),
    exportTimeoutMs: values.integer(`${prefix}EXPORT_TIMEOUT`),
    maxQueueSize: values.integer(`${prefix}MAX_QUEUE_SIZE`),
    maxExportBatchSize: atMost(values, `${prefix}MAX_EXPORT_BATCH_SIZE`, `${prefix}MAX_QUEUE_SIZE`),
  }
}

/** Returns the smaller of two values. A problem is reported only when the user has set the larger one. */
function atMost(values: Values, variable: string, bound: string): number {
  const value = values.integer(variable)
  const limit = values.integer(bound)
  if (value <= limit) return value
  if (values.isSet(variable)) values.addProblem(variable, `is more than ${bound}; using ${limit}`)
  return limit
}

/** Returns the ignore patterns when `OBS_IGNORE_FROM` applies them to `from`. */
function readIgnored(values: Values, from: 'all' | 'traces' | 'metrics'): IgnoreSettings {
  if (values.choice('OBS_IGNORE_FROM') !== from) return { paths: [], hosts: [] }
  return { paths: values.list('OBS_IGNORE_PATHS') ?? [], hosts: values.list('OBS_IGNORE_HOSTS') ?? [] }
}

function readKeep(values: Values): KeepSettings {
  const kept = values.choices<'errors' | 'slow'>('OBS_TRACES_KEEP')
  for (const [variable, needed, isKept] of [
    ['OBS_TRACES_SLOW_THRESHOLD', 'OBS_TRACES_KEEP=slow', kept.includes('slow')],
    ['OBS_TRACES_KEEP_MAX_SPANS', 'OBS_TRACES_KEEP', kept.length > 0],
  ] as const) {
    if (!isKept && values.isSet(variable)) values.addProblem(variable, `has no effect without ${needed}`)
  }
  return {
    errors: kept.includes('errors'),
    slow: kept.includes('slow'),
    slowThresholdMs: values.integer('OBS_TRACES_SLOW_THRESHOLD'),
    maxSpans: values.integer('OBS_TRACES_KEEP_MAX_SPANS'),
  }
}

function readSpanLimits(values: Values): SpanLimitSettings {
  return {
    attributeCount: values.integer('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLength: values.integer('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    eventCount: values.integer('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCount: values.integer('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCount: values.integer('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCount: values.integer('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
  }
}
