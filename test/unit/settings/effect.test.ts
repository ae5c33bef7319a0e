import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../../src/settings/settings.ts'
import { TABLE } from '../../../src/settings/table.ts'
import { messagesOf, settingsOf } from '../../support/settings-of.ts'

type Environment = Readonly<Record<string, string>>
/** A value, where it shows in the settings, what is there then, and what else must be set for it to count. */
type Effect = readonly [value: string, read: (settings: Settings) => unknown, expected: unknown, env?: Environment]

const HASH = `$2b$10$${'a'.repeat(53)}`
const KEY_PAIR = ['CLIENT_KEY', 'CLIENT_CERTIFICATE'] as const

function otlpEffects(prefix: string, signal: 'traces' | 'metrics' | 'logs'): Readonly<Record<string, Effect>> {
  const name = (option: string) => `OTEL_EXPORTER_OTLP_${prefix}${option}`
  const pair = (option: string) => ({ [name(KEY_PAIR.find((other) => other !== option) ?? '')]: '/other' })
  const schemeless = { [name('ENDPOINT')]: 'c:1' }
  return {
    [name('ENDPOINT')]: ['http://c:1', (s) => s[signal].otlp.endpoint, 'http://c:1'],
    [name('PROTOCOL')]: ['http/json', (s) => s[signal].otlp.protocol, 'http/json'],
    [name('HEADERS')]: ['a=1', (s) => s[signal].otlp.headers, { a: '1' }],
    [name('TIMEOUT')]: ['0', (s) => s[signal].otlp.timeoutMs, 0],
    [name('COMPRESSION')]: ['Gzip', (s) => s[signal].otlp.compression, 'gzip'],
    [name('INSECURE')]: ['true', (s) => s[signal].otlp.endpoint, 'http://c:1', schemeless],
    [name('CERTIFICATE')]: ['/ca', (s) => s[signal].otlp.certificateFile, '/ca'],
    [name('CLIENT_KEY')]: ['/key', (s) => s[signal].otlp.clientKeyFile, '/key', pair('CLIENT_KEY')],
    [name('CLIENT_CERTIFICATE')]: [
      '/crt',
      (s) => s[signal].otlp.clientCertificateFile,
      '/crt',
      pair('CLIENT_CERTIFICATE'),
    ],
  }
}

function batchEffects(prefix: string, signal: 'traces' | 'logs'): Readonly<Record<string, Effect>> {
  return {
    [`${prefix}SCHEDULE_DELAY`]: ['0', (s) => s[signal].batch.scheduleDelayMs, 0],
    [`${prefix}EXPORT_TIMEOUT`]: ['0', (s) => s[signal].batch.exportTimeoutMs, 0],
    [`${prefix}MAX_QUEUE_SIZE`]: [
      '10',
      (s) => [s[signal].batch.maxQueueSize, s[signal].batch.maxExportBatchSize],
      [10, 10],
    ],
    [`${prefix}MAX_EXPORT_BATCH_SIZE`]: ['1', (s) => s[signal].batch.maxExportBatchSize, 1],
  }
}

const FAR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://far.example' }
const proxy = ({ traces }: Settings): string | undefined =>
  traces.otlp.proxy && `${traces.otlp.proxy.host}:${traces.otlp.proxy.port}`

const EFFECTS: Readonly<Record<string, Effect>> = {
  METRICS_ENABLED: ['no', (s) => s.disabledBy, 'METRICS_ENABLED=false'],
  OTEL_SDK_DISABLED: ['True', (s) => s.disabledBy, 'OTEL_SDK_DISABLED=true'],
  OTEL_SERVICE_NAME: ['shop', (s) => s.resource.serviceName, 'shop'],
  OTEL_RESOURCE_ATTRIBUTES: ['a=1', (s) => s.resource.attributes, { a: '1' }],
  OTEL_LOG_LEVEL: ['Debug', (s) => s.logLevel, 'debug'],
  OTEL_PROPAGATORS: ['b3, b3, XRay', (s) => s.propagators, ['b3', 'xray']],
  OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: ['get,Purge', (s) => s.instrumentations.httpKnownMethods, ['GET', 'PURGE']],
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: ['true', (s) => s.instrumentations.capture, ['genai']],
  ...otlpEffects('', 'logs'),
  ...otlpEffects('TRACES_', 'traces'),
  ...otlpEffects('METRICS_', 'metrics'),
  ...otlpEffects('LOGS_', 'logs'),
  grpc_proxy: ['http://p:1', proxy, 'p:1', { ...FAR, https_proxy: 'http://q' }],
  https_proxy: ['http://p', proxy, 'p:80', { ...FAR, http_proxy: 'http://q' }],
  http_proxy: ['http://p:1', proxy, 'p:1', FAR],
  no_grpc_proxy: ['far.example', proxy, undefined, { ...FAR, http_proxy: 'http://p', no_proxy: 'other' }],
  no_proxy: ['*', proxy, undefined, { ...FAR, http_proxy: 'http://p' }],
  OTEL_EXPORTER_OTLP_SPAN_INSECURE: [
    'true',
    (s) => s.traces.otlp.endpoint,
    'http://c:1',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'c:1' },
  ],
  OTEL_EXPORTER_OTLP_METRIC_INSECURE: [
    'true',
    (s) => s.metrics.otlp.endpoint,
    'http://c:1',
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'c:1' },
  ],
  OTEL_TRACES_EXPORTER: ['Console,otlp', (s) => s.traces.exporters, ['console', 'otlp']],
  OTEL_TRACES_SAMPLER: ['Always_Off', (s) => s.traces.sampler, { name: 'always_off', ratio: 1, remote: undefined }],
  OTEL_TRACES_SAMPLER_ARG: [
    '.25',
    (s) => s.traces.sampler,
    { name: 'parentbased_traceidratio', ratio: 0.25, remote: undefined },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' },
  ],
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: [
    'http://me:pw@zipkin:1/spans',
    (s) => [s.traces.zipkin.endpoint, s.traces.zipkin.headers],
    ['http://zipkin:1/spans', { authorization: 'Basic bWU6cHc=' }],
    { OTEL_TRACES_EXPORTER: 'zipkin' },
  ],
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: ['5', (s) => s.traces.zipkin.timeoutMs, 5, { OTEL_TRACES_EXPORTER: 'zipkin' }],
  ...batchEffects('OTEL_BSP_', 'traces'),
  OTEL_METRICS_EXPORTER: ['none', (s) => s.metrics.exporters, []],
  OTEL_EXPORTER_PROMETHEUS_HOST: ['0.0.0.0', (s) => s.sidePort.host, '0.0.0.0'],
  OTEL_EXPORTER_PROMETHEUS_PORT: ['0', (s) => s.sidePort.port, 0],
  OTEL_METRIC_EXPORT_INTERVAL: ['50', (s) => s.metrics.exportIntervalMs, 50],
  OTEL_METRIC_EXPORT_TIMEOUT: ['0', (s) => s.metrics.exportTimeoutMs, 0],
  OTEL_METRICS_EXEMPLAR_FILTER: ['Always_On', (s) => s.metrics.exemplarFilter, 'always_on'],
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: ['Delta', (s) => s.metrics.temporality, 'delta'],
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [
    'base2_exponential_bucket_histogram',
    (s) => s.metrics.histogramAggregation,
    'base2_exponential_bucket_histogram',
  ],
  OTEL_LOGS_EXPORTER: ['otlp', (s) => s.logs.exporters, ['otlp']],
  ...batchEffects('OTEL_BLRP_', 'logs'),
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: [
    '0',
    (s) => [s.traces.limits.attributeValueLength, s.logs.limits.attributeValueLength],
    [0, 0],
  ],
  OTEL_ATTRIBUTE_COUNT_LIMIT: ['0', (s) => [s.traces.limits.attributeCount, s.logs.limits.attributeCount], [0, 0]],
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: ['5', (s) => s.traces.limits.attributeValueLength, 5],
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: ['5', (s) => s.traces.limits.attributeCount, 5, { OTEL_ATTRIBUTE_COUNT_LIMIT: '1' }],
  OTEL_SPAN_EVENT_COUNT_LIMIT: ['0', (s) => s.traces.limits.eventCount, 0],
  OTEL_SPAN_LINK_COUNT_LIMIT: ['0', (s) => s.traces.limits.linkCount, 0],
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: ['0', (s) => s.traces.limits.attributePerEventCount, 0],
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: ['0', (s) => s.traces.limits.attributePerLinkCount, 0],
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: ['5', (s) => s.logs.limits.attributeValueLength, 5],
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: ['5', (s) => s.logs.limits.attributeCount, 5],
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: [
    ' HTTP , @opentelemetry/instrumentation-pg',
    (s) => s.instrumentations.enabled,
    ['http', 'pg'],
  ],
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: ['pg', (s) => s.instrumentations.disabled, ['pg']],
  OTEL_NODE_RESOURCE_DETECTORS: ['Host,env', (s) => s.resource.detectors, ['host', 'env']],
  OTEL_NODE_EXPERIMENTAL_SDK_METRICS: ['false', (s) => s.metrics.sdkMetrics, false],
  OBS_EXIT_FLUSH_TIMEOUT: ['0', (s) => s.lifecycle.exitFlushTimeoutMs, 0],
  OBS_SIGNAL_FLUSH_TIMEOUT: ['1', (s) => s.lifecycle.signalFlushTimeoutMs, 1],
  OBS_MAX_EXPORT_BYTES: ['65536', (s) => s.lifecycle.maxExportBytes, 65_536],
  OBS_MAX_RETAINED_BYTES: ['0', (s) => s.lifecycle.maxRetainedBytes, 0],
  OBS_TRACES_KEEP: ['Errors,slow', (s) => [s.traces.keep.errors, s.traces.keep.slow], [true, true]],
  OBS_TRACES_SLOW_THRESHOLD: ['5', (s) => s.traces.keep.slowThresholdMs, 5, { OBS_TRACES_KEEP: 'slow' }],
  OBS_TRACES_KEEP_MAX_SPANS: ['5', (s) => s.traces.keep.maxSpans, 5, { OBS_TRACES_KEEP: 'errors' }],
  OBS_TRACES_PER_SECOND: ['5', (s) => s.traces.perSecond, 5],
  OBS_PROMETHEUS_TRANSLATION_STRATEGY: ['notranslation', (s) => s.metrics.translationStrategy, 'NoTranslation'],
  OBS_PROMETHEUS_HISTOGRAM_AGGREGATION: [
    'Base2_exponential_bucket_histogram',
    (s) => s.metrics.prometheusHistogramAggregation,
    'base2_exponential_bucket_histogram',
  ],
  OBS_PROMETHEUS_SCOPE_LABELS: ['off', (s) => s.metrics.scopeLabels, false],
  OBS_SIDE_PORT_TLS_CERT: [
    '/crt',
    (s) => s.sidePort.tls,
    { certificateFile: '/crt', keyFile: '/key', clientCaFile: undefined },
    { OBS_SIDE_PORT_TLS_KEY: '/key' },
  ],
  OBS_SIDE_PORT_TLS_KEY: ['/key', (s) => s.sidePort.tls?.keyFile, '/key', { OBS_SIDE_PORT_TLS_CERT: '/crt' }],
  OBS_SIDE_PORT_TLS_CLIENT_CA: [
    '/ca',
    (s) => s.sidePort.tls?.clientCaFile,
    '/ca',
    { OBS_SIDE_PORT_TLS_CERT: '/crt', OBS_SIDE_PORT_TLS_KEY: '/key' },
  ],
  OBS_SIDE_PORT_USER: ['me', (s) => s.sidePort.basicAuth?.user, 'me', { OBS_SIDE_PORT_PASSWORD_HASH: HASH }],
  OBS_SIDE_PORT_PASSWORD_HASH: [HASH, (s) => s.sidePort.basicAuth?.passwordHash, HASH, { OBS_SIDE_PORT_USER: 'me' }],
  OBS_FALLBACK_PORTS: ['0', (s) => s.fleet.portFallbacks, 0],
  OBS_FLEET: ['no', (s) => s.fleet.enabled, false],
  OBS_FLEET_TIMEOUT: ['50', (s) => s.fleet.timeoutMs, 50],
  OBS_FLEET_EVERY_PROCESS: ['1', (s) => s.fleet.everyProcessApart, true],
  OBS_SIDE_PORT_TOKEN: ['t0ken', (s) => s.sidePort.bearerToken, 't0ken'],
  OBS_IGNORE_PATHS: ['/healthz, /Ready*', (s) => s.instrumentations.ignorePaths, ['/healthz', '/Ready*']],
  OBS_NEVER_INSTRUMENT: ['my-cli, */scripts/*', (s) => s.guardrails.never, ['my-cli', '*/scripts/*']],
  OBS_ALWAYS_INSTRUMENT: ['vite', (s) => s.guardrails.always, ['vite']],
  OBS_FRAMEWORK_SPANS: ['all', (s) => s.instrumentations.frameworkSpans, 'all'],
  OBS_IGNORE_SCOPES: ['next.js,prisma*', (s) => s.traces.ignoreScopes, ['next.js', 'prisma*']],
  OBS_PAGE: ['false', (s) => s.page.isOn, false],
  OBS_PAGE_BUFFER: ['0', (s) => s.page.recentBytes, 0],
  OBS_PAGE_HOSTS: ['obs.example.com', (s) => s.page.hosts, ['obs.example.com']],
  OBS_PRINT: ['true', (s) => s.print, true],
  OBS_CONSOLE_LOGS: [
    'Correlate,export',
    (s) => s.logs.console,
    ['correlate', 'export'],
    { OTEL_LOGS_EXPORTER: 'otlp' },
  ],
  OBS_CAPTURE: ['SQL, redis', (s) => s.privacy.capture, ['sql', 'redis']],
  OBS_REDACT: [
    'a.*,/b,{1}/i , c',
    (s) => s.privacy.redact,
    { patterns: [{ source: 'b,{1}', flags: 'ig' }], attributes: ['a.*', 'c'] },
  ],
  OBS_IGNORE_HOSTS: ['*.internal', (s) => s.instrumentations.ignoreHosts, ['*.internal']],
  OBS_IGNORE_FROM: [
    'Traces',
    (s) => [s.instrumentations.ignorePaths, s.traces.untraced.paths],
    [[], ['/x']],
    { OBS_IGNORE_PATHS: '/x' },
  ],
  OBS_INSTRUMENTATIONS: ['./My-own.js', (s) => s.instrumentations.extra, ['./My-own.js']],
}

/** Accepted for compatibility, with nothing to change. */
const WITHOUT_EFFECT = ['OTEL_SEMCONV_STABILITY_OPT_IN']
/** declarative/config-file.test.ts, hostile/dot-env.test.ts and e2e/compile-cache.test.ts have their effect. */
const FILES = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE', 'OBS_ENV_FILE', 'OBS_COMPILE_CACHE']

for (const row of TABLE) {
  if (row.noEffect !== undefined || row.type === 'pattern' || [...WITHOUT_EFFECT, ...FILES].includes(row.name)) continue
  test(`${row.name} takes effect`, () => {
    const effect = EFFECTS[row.name]
    assert.ok(effect !== undefined, 'no example here')
    const [value, read, expected, env = {}] = effect
    assert.deepEqual(read(settingsOf({ ...env, [row.name]: value })), expected)
    assert.deepEqual(messagesOf({ ...env, [row.name]: value }), [])
    assert.notDeepEqual(read(settingsOf(env)), expected, 'the example is the default')
  })
}

test('options of single instrumentations are kept as they are written', () => {
  const env = { OBS_INSTRUMENTATION_PG_REQUIRE_PARENT_SPAN: ' True ', OBS_INSTRUMENTATION_HTTP_X: 'a,b' }
  const file = { '/app/.env': 'OBS_INSTRUMENTATION_HTTP_X=other\nOBS_INSTRUMENTATION_KOA_Y=1' }
  const settings = settingsOf(env, file)
  assert.deepEqual(settings.instrumentations.options, { PG_REQUIRE_PARENT_SPAN: 'True', HTTP_X: 'a,b', KOA_Y: '1' })
  assert.equal(settings.sources.OBS_INSTRUMENTATION_KOA_Y, '.env')
  assert.deepEqual(settings.problems, [])
})

const blocked: readonly (readonly [env: Environment, by: string | undefined, lines: number])[] = [
  [{ OBS_SIDE_PORT_TLS_CERT: '/crt' }, 'OBS_SIDE_PORT_TLS_CERT', 1],
  [{ OBS_SIDE_PORT_TLS_CLIENT_CA: '/ca' }, 'OBS_SIDE_PORT_TLS_CLIENT_CA', 1],
  [{ OBS_SIDE_PORT_USER: 'me' }, 'OBS_SIDE_PORT_USER', 1],
  [{ OBS_SIDE_PORT_USER: 'me', OBS_SIDE_PORT_PASSWORD_HASH: 'plain' }, 'OBS_SIDE_PORT_PASSWORD_HASH', 1],
  [{ OBS_SIDE_PORT_TOKEN: 'a b' }, 'OBS_SIDE_PORT_TOKEN', 1],
  [{ OBS_SIDE_PORT_TOKEN: '' }, undefined, 0],
]

for (const [env, by, lines] of blocked) {
  test(`the side port with ${JSON.stringify(env)} is blocked by ${by}`, () => {
    const { sidePort, problems } = settingsOf(env)
    assert.equal(sidePort.blockedBy, by === undefined ? undefined : `${by} cannot be used`)
    assert.equal(problems.length, lines)
  })
}
