import { NO_DECLARED_METRICS } from '../../base/declared-metrics.ts'
import type { ConfigSection } from './section.ts'
import { seriesLimitsOf, viewsOf } from './translate-views.ts'
import type { Translation } from './translation.ts'

/**
 * Translates the providers of a file.
 * https://github.com/open-telemetry/opentelemetry-configuration/blob/main/schema-docs.md
 */

const BATCH = {
  schedule_delay: 'SCHEDULE_DELAY',
  export_timeout: 'EXPORT_TIMEOUT',
  max_queue_size: 'MAX_QUEUE_SIZE',
  max_export_batch_size: 'MAX_EXPORT_BATCH_SIZE',
} as const

const SPAN_LIMITS = {
  attribute_value_length_limit: 'SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  attribute_count_limit: 'SPAN_ATTRIBUTE_COUNT_LIMIT',
  event_count_limit: 'SPAN_EVENT_COUNT_LIMIT',
  link_count_limit: 'SPAN_LINK_COUNT_LIMIT',
  event_attribute_count_limit: 'EVENT_ATTRIBUTE_COUNT_LIMIT',
  link_attribute_count_limit: 'LINK_ATTRIBUTE_COUNT_LIMIT',
} as const

export const ATTRIBUTE_LIMITS = {
  attribute_value_length_limit: 'ATTRIBUTE_VALUE_LENGTH_LIMIT',
  attribute_count_limit: 'ATTRIBUTE_COUNT_LIMIT',
} as const

/** Translates the tracer provider. Without one, there are no traces. */
export function translateTraces(translation: Translation, provider: ConfigSection | undefined): void {
  translateProcessors(translation, provider, 'TRACES', 'OTEL_BSP_')
  if (provider === undefined) return
  translation.putAll('OTEL_', provider.child('limits'), SPAN_LIMITS)
  translateSampler(translation, provider.child('sampler'))
  provider.child('id_generator')?.use('random')
}

export function translateLogs(translation: Translation, provider: ConfigSection | undefined): void {
  translateProcessors(translation, provider, 'LOGS', 'OTEL_BLRP_')
  translation.putAll('OTEL_LOGRECORD_', provider?.child('limits'), ATTRIBUTE_LIMITS)
}

/** Translates the meter provider. Without one, the side port serves metrics as usual. */
export function translateMetrics(translation: Translation, provider: ConfigSection | undefined): void {
  if (provider === undefined) return
  const exporters = new Set<string>()
  const limits = { ...NO_DECLARED_METRICS.seriesLimits }
  for (const reader of provider.items('readers')) {
    const pull = reader.child('pull')
    const prometheus = pull?.child('exporter')?.child('prometheus/development')
    if (pull !== undefined && prometheus !== undefined && !exporters.has('prometheus')) {
      exporters.add('prometheus')
      translatePrometheus(translation, prometheus)
      limits.sidePort = seriesLimitsOf(pull)
    }
    const periodic = reader.child('periodic')
    if (periodic !== undefined && translateExporter(translation, periodic, 'METRICS', exporters)) {
      translation.putAll('OTEL_METRIC_EXPORT_', periodic, { interval: 'INTERVAL', timeout: 'TIMEOUT' })
      limits.push = seriesLimitsOf(periodic)
    }
  }
  translation.set('OTEL_METRICS_EXPORTER', [...exporters].join(',') || 'none', provider)
  translation.put('OTEL_METRICS_EXEMPLAR_FILTER', provider, 'exemplar_filter')
  translation.metrics = { views: viewsOf(provider), seriesLimits: limits }
}

function translateProcessors(
  translation: Translation,
  provider: ConfigSection | undefined,
  signal: 'TRACES' | 'LOGS',
  prefix: string,
): void {
  const exporters = new Set<string>()
  for (const processor of provider?.items('processors') ?? []) {
    const batch = processor.child('batch')
    if (batch !== undefined && translateExporter(translation, batch, signal, exporters)) {
      translation.putAll(prefix, batch, BATCH)
    }
    const simple = processor.child('simple')
    if (simple !== undefined && translateExporter(translation, simple, signal, exporters)) {
      translation.set(`${prefix}MAX_EXPORT_BATCH_SIZE`, '1', simple)
    }
  }
  translation.set(`OTEL_${signal}_EXPORTER`, [...exporters].join(',') || 'none', provider)
}

type SignalName = 'TRACES' | 'METRICS' | 'LOGS'

/**
 * Translates an exporter. A signal may have one OTLP destination and `console`. Returns false for a second or an
 * unknown exporter.
 */
function translateExporter(
  translation: Translation,
  processor: ConfigSection,
  signal: SignalName,
  exporters: Set<string>,
): boolean {
  const exporter = processor.child('exporter')
  if (exporter?.child('console') !== undefined) {
    exporter.use('console')
    exporters.add('console')
  }
  for (const transport of ['otlp_grpc', 'otlp_http'] as const) {
    const otlp = exporter?.child(transport)
    if (otlp === undefined || exporters.has('otlp')) continue
    exporters.add('otlp')
    translateOtlp(translation, otlp, signal, transport)
    return true
  }
  return exporter?.child('console') !== undefined
}

function translateOtlp(
  translation: Translation,
  otlp: ConfigSection,
  signal: SignalName,
  transport: 'otlp_grpc' | 'otlp_http',
): void {
  const prefix = `OTEL_EXPORTER_OTLP_${signal}_`
  otlp.use()
  const encoding = otlp.scalar('encoding') === 'json' ? 'http/json' : 'http/protobuf'
  translation.set(`${prefix}PROTOCOL`, transport === 'otlp_grpc' ? 'grpc' : encoding, otlp)
  translation.putAll(prefix, otlp, { endpoint: 'ENDPOINT', compression: 'COMPRESSION', timeout: 'TIMEOUT' })
  translation.putAll(prefix, otlp.child('tls'), {
    ca_file: 'CERTIFICATE',
    key_file: 'CLIENT_KEY',
    cert_file: 'CLIENT_CERTIFICATE',
    insecure: 'INSECURE',
  })
  const headers = headersOf(otlp)
  if (headers !== '') translation.set(`${prefix}HEADERS`, headers, otlp, 'headers')
  if (signal === 'METRICS') translatePreferences(translation, otlp)
}

function translatePreferences(translation: Translation, otlp: ConfigSection): void {
  const temporality = otlp.scalar('temporality_preference')
  if (temporality !== undefined) {
    const variable = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'
    translation.set(variable, String(temporality).replace('_', ''), otlp, 'temporality_preference')
  }
  const aggregation = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'
  translation.put(aggregation, otlp, 'default_histogram_aggregation')
}

/**
 * Returns the headers as the text of the variable. `headers` take precedence over `headers_list`, because later entries
 * do in the variable.
 */
function headersOf(otlp: ConfigSection): string {
  const list = otlp.scalar('headers_list')
  const entries = otlp.items('headers').flatMap((header) => {
    const value = header.scalar('value')
    const name = header.scalar('name')
    return value === undefined ? [] : [`${String(name)}=${encodeURIComponent(String(value))}`]
  })
  return [...(list === undefined ? [] : [String(list)]), ...entries].join(',')
}

/** The specification's name for each name in the file. */
const STRATEGIES: Readonly<Record<string, string>> = {
  underscore_escaping_with_suffixes: 'UnderscoreEscapingWithSuffixes',
  'underscore_escaping_without_suffixes/development': 'UnderscoreEscapingWithoutSuffixes',
  'no_utf8_escaping_with_suffixes/development': 'NoUTF8EscapingWithSuffixes',
  'no_translation/development': 'NoTranslation',
}

function translatePrometheus(translation: Translation, prometheus: ConfigSection): void {
  prometheus.use()
  translation.putAll('OTEL_EXPORTER_PROMETHEUS_', prometheus, { host: 'HOST', port: 'PORT' })
  translation.put('OBS_PROMETHEUS_SCOPE_LABELS', prometheus, 'scope_info_enabled')
  const strategy = prometheus.scalar('translation_strategy')
  if (strategy !== undefined) {
    const name = STRATEGIES[String(strategy)] ?? String(strategy)
    translation.set('OBS_PROMETHEUS_TRANSLATION_STRATEGY', name, prometheus, 'translation_strategy')
  }
}

/** The defaults of the specification's `ParentBased` sampler. */
const FOLLOWS_PARENT = {
  remote_parent_sampled: 'always_on',
  remote_parent_not_sampled: 'always_off',
  local_parent_sampled: 'always_on',
  local_parent_not_sampled: 'always_off',
} as const

function translateSampler(translation: Translation, sampler: ConfigSection | undefined): void {
  const parentBased = sampler?.child('parent_based')
  if (sampler === undefined) return
  if (parentBased === undefined) {
    translateRoot(translation, sampler, '')
    return
  }
  parentBased.use()
  for (const [key, name] of Object.entries(FOLLOWS_PARENT)) parentBased.child(key)?.child(name)?.use()
  const root = parentBased.child('root')
  if (root === undefined) translation.set('OTEL_TRACES_SAMPLER', 'parentbased_always_on', parentBased)
  else translateRoot(translation, root, 'parentbased_')
}

function translateRoot(translation: Translation, sampler: ConfigSection, prefix: '' | 'parentbased_'): void {
  for (const name of ['always_on', 'always_off'] as const) {
    if (sampler.child(name) === undefined) continue
    sampler.use(name)
    translation.set('OTEL_TRACES_SAMPLER', `${prefix}${name}`, sampler)
  }
  const remote = sampler.child('jaeger_remote/development')
  if (remote !== undefined) translateRemote(translation, remote, prefix)
  const ratio = sampler.child('trace_id_ratio_based')
  if (ratio === undefined) return
  ratio.use()
  translation.set('OTEL_TRACES_SAMPLER', `${prefix}traceidratio`, sampler)
  translation.put('OTEL_TRACES_SAMPLER_ARG', ratio, 'ratio')
}

function translateRemote(translation: Translation, remote: ConfigSection, prefix: '' | 'parentbased_'): void {
  const initial = remote.child('initial_sampler')
  const parts = [`endpoint=${String(remote.scalar('endpoint'))}`]
  const intervalMs = remote.scalar('interval')
  if (intervalMs !== undefined) parts.push(`pollingIntervalMs=${intervalMs}`)
  const rate = initial?.child('trace_id_ratio_based')?.scalar('ratio')
  if (rate !== undefined) parts.push(`initialSamplingRate=${rate}`)
  for (const [name, share] of [
    ['always_on', 1],
    ['always_off', 0],
  ] as const) {
    if (initial?.child(name) === undefined) continue
    initial.use(name)
    parts.push(`initialSamplingRate=${share}`)
  }
  translation.set('OTEL_TRACES_SAMPLER', `${prefix}jaeger_remote`, remote)
  translation.set('OTEL_TRACES_SAMPLER_ARG', parts.join(','), remote)
}
