import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Settings, ViewSettings } from '../../../../src/settings/settings.ts'
import { settingsOf } from '../../../support/settings-of.ts'

const ENV = { OTEL_CONFIG_FILE: 'otel.yaml' }

function declared(yaml: string, env: Readonly<Record<string, string>> = {}): Settings {
  return settingsOf({ ...ENV, ...env }, { '/app/otel.yaml': `file_format: "1.1"\n${yaml}` })
}

function lines(settings: Settings): readonly string[] {
  return settings.problems.map(({ message }) => message)
}

const FULL = `
log_level: debug2
resource:
  attributes:
    - {name: service.name, value: shop}
    - {name: service.version, value: "1.2"}
    - {name: team.size, value: 4, type: int}
    - {name: zones, value: [a, b], type: string_array}
  attributes_list: team.size=5,deployment.environment.name=prod
  detection/development:
    detectors: [{host: }, {service: }, {container: }]
attribute_limits: {attribute_count_limit: 10}
propagator:
  composite: [{tracecontext: }, {b3: }]
  composite_list: b3,xray
tracer_provider:
  processors:
    - batch:
        schedule_delay: 7
        export_timeout: 0
        max_queue_size: 20
        max_export_batch_size: 5
        exporter:
          otlp_grpc:
            endpoint: http://collector:4317
            tls: {ca_file: /ca}
            headers: [{name: authorization, value: "Basic a=,b"}]
            headers_list: x=1,authorization=other
            compression: gzip
            timeout: 50
    - simple: {exporter: {console: }}
  limits: {event_count_limit: 3}
  sampler:
    parent_based:
      root: {trace_id_ratio_based: {ratio: 0.25}}
      remote_parent_sampled: {always_on: }
  id_generator: {random: }
meter_provider:
  readers:
    - pull: {exporter: {prometheus/development: {host: 0.0.0.0, port: 9999, scope_info_enabled: false, translation_strategy: no_translation/development}}}
    - periodic:
        interval: 1000
        timeout: 500
        exporter:
          otlp_http: {endpoint: "https://collector/v1/metrics", encoding: json, temporality_preference: low_memory}
logger_provider:
  processors: [{batch: {schedule_delay: 9, exporter: {otlp_http: {endpoint: "http://collector:4318/logs"}}}}]
  limits: {attribute_value_length_limit: 8}
instrumentation/development:
  general:
    http: {server: {request_captured_headers: [x-tenant], known_methods: [GET, PURGE]}}
`

test('a file can express everything that the variables express', () => {
  const settings = declared(FULL)
  assert.deepEqual(lines(settings), [])
  const { traces, metrics, logs, resource } = settings
  assert.equal(settings.logLevel, 'debug')
  assert.deepEqual(settings.propagators, ['tracecontext', 'b3', 'xray'])
  assert.deepEqual([resource.serviceName, resource.serviceVersion], ['shop', '1.2'])
  assert.deepEqual(resource.attributes, {
    'deployment.environment.name': 'prod',
    'team.size': 4,
    zones: ['a', 'b'],
  })
  assert.deepEqual(resource.detectors, ['host', 'serviceinstance', 'container'])
  assert.deepEqual(traces.exporters, ['otlp', 'console'])
  assert.partialDeepStrictEqual(traces.otlp, {
    protocol: 'grpc',
    endpoint: 'http://collector:4317',
    headers: { x: '1', authorization: 'Basic a=,b' },
    timeoutMs: 50,
    compression: 'gzip',
    certificateFile: '/ca',
  })
  assert.deepEqual(traces.sampler, { name: 'parentbased_traceidratio', ratio: 0.25, remote: undefined })
  assert.deepEqual([traces.limits.eventCount, traces.limits.attributeCount, logs.limits.attributeCount], [3, 10, 10])
  assert.deepEqual(metrics.exporters, ['prometheus', 'otlp'])
  assert.deepEqual([settings.sidePort.host, settings.sidePort.port], ['0.0.0.0', 9999])
  assert.deepEqual([metrics.scopeLabels, metrics.translationStrategy], [false, 'NoTranslation'])
  assert.deepEqual([metrics.exportIntervalMs, metrics.exportTimeoutMs, metrics.temporality], [1000, 500, 'lowmemory'])
  assert.deepEqual([metrics.otlp.protocol, metrics.otlp.endpoint], ['http/json', 'https://collector/v1/metrics'])
  assert.deepEqual([logs.otlp.protocol, logs.otlp.endpoint], ['http/protobuf', 'http://collector:4318/logs'])
  assert.deepEqual([logs.batch.scheduleDelayMs, logs.limits.attributeValueLength], [9, 8])
  assert.deepEqual(settings.instrumentations.httpKnownMethods, ['GET', 'PURGE'])
  assert.deepEqual(settings.instrumentations.options, {
    HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER_REQUEST_HEADERS: 'x-tenant',
  })
  assert.equal(settings.sources['OTEL_TRACES_SAMPLER'], 'OTEL_CONFIG_FILE')
  assert.equal(settings.sources['OTEL_SERVICE_NAME'], 'OTEL_CONFIG_FILE')
})

test("omitted parts have the schema's defaults, and the side port is kept", () => {
  const { traces, logs, metrics, propagators, resource, problems } = declared('')
  assert.deepEqual([traces.exporters, logs.exporters, metrics.exporters], [[], [], ['prometheus']])
  assert.deepEqual([propagators, resource.detectors, problems], [[], [], []])
})

test('a remote sampler', () => {
  const sampler = `{parent_based: {root: {jaeger_remote/development: {endpoint: "http://jaeger:14250", interval: 500, initial_sampler: {always_on: }}}}}`
  const { traces, problems } = declared(
    `tracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: ${sampler}}`,
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(traces.sampler, {
    name: 'parentbased_jaeger_remote',
    ratio: 1,
    remote: { endpoint: 'http://jaeger:14250', pollingIntervalMs: 500, initialRate: 1, proxy: undefined },
  })
})

const ANY: ViewSettings = {
  instrumentName: undefined,
  instrumentKind: undefined,
  unit: undefined,
  meterName: undefined,
  meterVersion: undefined,
  meterSchemaUrl: undefined,
  name: undefined,
  description: undefined,
  aggregation: undefined,
  maxSeries: undefined,
  includedAttributes: undefined,
  excludedAttributes: [],
}

const views: readonly (readonly [yaml: string, view: Partial<ViewSettings>])[] = [
  ['{selector: {}, stream: {}}', {}],
  ['{selector: {instrument_type: histogram, unit: s}, stream: {}}', { instrumentKind: 'histogram', unit: 's' }],
  [
    '{selector: {meter_name: a, meter_version: "1", meter_schema_url: b}, stream: {aggregation: {drop: }}}',
    { meterName: 'a', meterVersion: '1', meterSchemaUrl: 'b', aggregation: { kind: 'drop' } },
  ],
  [
    '{selector: {instrument_name: a.b}, stream: {name: c, description: d, aggregation_cardinality_limit: 9}}',
    { instrumentName: 'a.b', name: 'c', description: 'd', maxSeries: 9 },
  ],
  [
    '{selector: {instrument_name: a.*}, stream: {attribute_keys: {included: [x, "y*"], excluded: [z]}}}',
    { instrumentName: 'a.*', includedAttributes: ['x', 'y*'], excludedAttributes: ['z'] },
  ],
  [
    '{selector: {}, stream: {aggregation: {explicit_bucket_histogram: {boundaries: [1, 0.5], record_min_max: false}}}}',
    { aggregation: { kind: 'explicit_bucket_histogram', boundaries: [0.5, 1], recordMinMax: false } },
  ],
  [
    '{selector: {}, stream: {aggregation: {base2_exponential_bucket_histogram: }}}',
    { aggregation: { kind: 'base2_exponential_bucket_histogram', maxSize: 160, recordMinMax: true } },
  ],
]

for (const [yaml, view] of views) {
  test(`a view ${yaml}`, () => {
    const { metrics, problems } = declared(
      `meter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [${yaml}]}`,
    )
    assert.deepEqual([problems, metrics.views], [[], [{ ...ANY, ...view }]])
  })
}

test('limits of series, of each reader', () => {
  const prometheus = '{exporter: {prometheus/development: }, cardinality_limits: {default: 5, observable_gauge: 6}}'
  const { metrics, problems } = declared(
    `meter_provider: {readers: [{pull: ${prometheus}}, {periodic: {exporter: {otlp_http: }, cardinality_limits: {histogram: 7}}}]}`,
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(metrics.seriesLimits, { sidePort: { default: 5, observable_gauge: 6 }, push: { histogram: 7 } })
})

test('a simple processor sends each span at once', () => {
  const { traces } = declared('tracer_provider: {processors: [{simple: {exporter: {otlp_http: }}}]}')
  assert.equal(traces.batch.maxExportBatchSize, 1)
  assert.equal(traces.otlp.endpoint, 'http://localhost:4318/v1/traces')
})

test('the variables that it replaces are reported once; OBS_ variables and references apply', () => {
  const settings = declared(
    'resource: {attributes: [{name: service.name, value: "${OTEL_SERVICE_NAME:-other}"}], attributes_list: "${A_LIST}"}',
    {
      OTEL_SERVICE_NAME: 'shop',
      A_LIST: 'a=1',
      OTEL_TRACES_SAMPLER: 'always_of',
      OTEL_BSP_SCHEDULE_DELAY: '1',
      OBS_EXIT_FLUSH_TIMEOUT: '7',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg',
    },
  )
  assert.equal(settings.resource.serviceName, 'shop')
  assert.deepEqual(settings.resource.attributes, { a: '1' })
  assert.equal(settings.traces.sampler.name, 'parentbased_always_on')
  assert.equal(settings.lifecycle.exitFlushTimeoutMs, 7)
  assert.deepEqual(settings.instrumentations.disabled, ['pg'])
  assert.deepEqual(lines(settings), [
    "OTEL_CONFIG_FILE=otel.yaml replaces the environment's settings; ignoring OTEL_TRACES_SAMPLER, OTEL_BSP_SCHEDULE_DELAY",
  ])
})

test('disabled: true switches everything off', () => {
  assert.equal(declared('disabled: true').disabledBy, 'disabled: true in otel.yaml')
  assert.equal(declared('disabled: ${OFF:-true}', { OFF: 'false' }).disabledBy, undefined)
})

const PROBLEMS: readonly (readonly [yaml: string, lines: readonly string[]])[] = [
  ['future: {x: 1}', ['otel.yaml: future has no effect here; it is ignored']],
  [
    'attribute_limits: {attribute_value_depth_limit: 64, attribute_count_limit: 5}',
    ['otel.yaml: attribute_limits.attribute_value_depth_limit has no effect here; it is ignored'],
  ],
  [
    'tracer_provider:\n  processors: [{batch: {exporter: {otlp_http: }}}, {batch: {exporter: {otlp_grpc: }}}]\n' +
      '  sampler: {composite/development: {always_on: }}',
    [
      'otel.yaml: tracer_provider.processors[1] has no effect here; it is ignored',
      'otel.yaml: tracer_provider.sampler has no effect here; it is ignored',
    ],
  ],
  [
    'meter_provider:\n  readers: [{periodic: {exporter: {console: }, producers: [{opencensus: }]}}]\n' +
      '  views: [{selector: {}, stream: {name: x, aggregation: {base2_exponential_bucket_histogram: {max_scale: 5, max_size: 7}}}}]',
    [
      'otel.yaml: meter_provider.readers[0].periodic.producers has no effect here; it is ignored',
      'otel.yaml: meter_provider.views[0].stream.name has no effect here; it is ignored',
      'otel.yaml: meter_provider.views[0].stream.aggregation.base2_exponential_bucket_histogram.max_scale has no effect here; it is ignored',
    ],
  ],
  [
    'tracer_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: "ftp://x", compression: brotli}}}}]}',
    [
      'otel.yaml: tracer_provider.processors[0].batch.exporter.otlp_http.endpoint="ftp://x" is not an http:// or https:// URL with a host; using http://localhost:4318/v1/traces',
      'otel.yaml: tracer_provider.processors[0].batch.exporter.otlp_http.compression="brotli" is not one of gzip, none; using none',
    ],
  ],
]

for (const [yaml, expected] of PROBLEMS) {
  test(`${yaml.slice(0, 60)} is reported`, () => assert.deepEqual(lines(declared(yaml)), expected))
}

const faults: readonly (readonly [text: string | undefined, fault: RegExp])[] = [
  [undefined, /there is no such file/],
  ['', /it is empty/],
  ['a: [1', /line 1: Flow sequence/],
  ['file_format: "1.0"\na: b: c', /line 2: Nested mappings/],
  ['log_level: info', /it has no file_format/],
  ['file_format: "0.4"', /file_format is "0\.4", but only 1\.x is supported/],
  ['file_format: "1.0"\npropagator:\n  composite: 5', /line 3: propagator\.composite must be array/],
  [
    'file_format: "1.0"\ntracer_provider:\n  limits: {}',
    /line \d: tracer_provider must have required property 'processors'/,
  ],
  ['file_format: "1.0"\nlog_level: ${X:?}', /\$\{X…\} is not a reference to a variable/],
  ['- 1', /it has no file_format/],
]

for (const [text, fault] of faults) {
  test(`a file that is ${JSON.stringify(text)} is reported in one line, and the environment applies`, () => {
    const settings = settingsOf(
      { ...ENV, OTEL_SERVICE_NAME: 'shop' },
      text === undefined ? {} : { '/app/otel.yaml': text },
    )
    assert.equal(settings.resource.serviceName, 'shop')
    assert.equal(settings.problems.length, 1)
    const [line = ''] = lines(settings)
    assert.match(line, /^OTEL_CONFIG_FILE="otel.yaml" cannot be used \(.*\); using the environment's settings$/)
    assert.match(line, fault)
  })
}

test('a trusted .env can name the file, and is used for its references', () => {
  const files = {
    '/app/.env': 'OTEL_CONFIG_FILE=otel.yaml\nOTEL_SERVICE_NAME=shop\n',
    '/app/otel.yaml':
      'file_format: "1.0"\nresource: {attributes: [{name: service.name, value: "${OTEL_SERVICE_NAME}"}]}',
  }
  const { resource, problems } = settingsOf({ OBS_ENV_FILE: '.env' }, files)
  assert.deepEqual([resource.serviceName, problems], ['shop', []])
})

test('the older name of the variable, and an absolute path', () => {
  const { logLevel } = settingsOf(
    { OTEL_EXPERIMENTAL_CONFIG_FILE: '/etc/otel.yaml' },
    { '/etc/otel.yaml': 'file_format: "1.0"\nlog_level: warn' },
  )
  assert.equal(logLevel, 'warn')
})

test('any file yields settings or one log line', () => {
  const keys =
    'tracer_provider processors batch exporter otlp_http endpoint sampler resource attributes meter_provider readers pull periodic propagator composite name value disabled __proto__ views selector stream aggregation drop explicit_bucket_histogram boundaries attribute_keys included cardinality_limits default'
  const key = fc.constantFrom(...keys.split(' '))
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 0, -1, 'a', '${X}', '${', '$$', 'http://h'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const file = fc.oneof(
    fc.string({ unit: 'binary' }),
    tree.map((value) => JSON.stringify({ file_format: '1.0', ...(value as object) })),
    fc
      .array(
        fc.constantFrom('file_format: "1.0"\n', '  ', '- ', '&a ', '*a ', '{', '}', 'tracer_provider:', '|\n', '\t'),
        { maxLength: 20 },
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(file, (text) => {
      const settings = settingsOf(ENV, { '/app/otel.yaml': text })
      for (const { variable, message } of settings.problems) assert.ok(message.startsWith(variable), message)
      const places = settings.problems.map(({ variable }) => variable)
      assert.equal(new Set(places).size, places.length, JSON.stringify(settings.problems))
    }),
    { numRuns: 300 },
  )
})
