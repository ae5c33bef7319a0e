import type { IntegerRow, SettingsSection, SettingRow } from './row.ts'

/**
 * Exporters, samplers, batch processors and readers of the three signals.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
const STDOUT = 'stdout belongs to the app; use "console"'

export const TRACES_ROWS: readonly SettingRow[] = [
  {
    name: 'OTEL_TRACES_EXPORTER',
    section: 'traces',
    type: 'enums',
    values: ['otlp', 'zipkin', 'console', 'none'],
    notOffered: {
      logging: 'it is deprecated; use "console"',
      'otlp/stdout': STDOUT,
    },
    default: ['otlp'],
    doc: 'Exporters of spans.',
  },
  {
    name: 'OTEL_TRACES_SAMPLER',
    section: 'traces',
    type: 'enum',
    values: [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
      'jaeger_remote',
      'parentbased_jaeger_remote',
    ],
    notOffered: { xray: 'there is no such sampler for this version of the SDK, only the propagator "xray"' },
    default: 'parentbased_always_on',
    doc: 'Which traces are sampled.',
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    section: 'traces',
    type: 'text',
    default: undefined,
    defaultText: '1',
    doc:
      'Ratio of traces (0 to 1) for the `traceidratio` samplers; `endpoint=http://host:14250,pollingIntervalMs=60000,initialSamplingRate=0.001` ' +
      "for `jaeger_remote` (with a path, Jaeger's HTTP address).",
  },
  ...batchRows('traces', 'OTEL_BSP_', 'spans', 5000),
  {
    name: 'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    section: 'traces',
    type: 'url',
    default: 'http://localhost:9411/api/v2/spans',
    doc: 'Endpoint of the `zipkin` exporter.',
  },
  duration('traces', 'OTEL_EXPORTER_ZIPKIN_TIMEOUT', 0, 10_000, 'Timeout of an export to Zipkin; 0: no limit.'),
  {
    name: 'OTEL_EXPORTER_ZIPKIN_PROTOCOL',
    section: 'traces',
    type: 'text',
    default: undefined,
    noEffect: 'spans are always sent as JSON of version 2',
    doc: 'Format for Zipkin.',
  },
]

export const METRICS_ROWS: readonly SettingRow[] = [
  {
    name: 'OTEL_METRICS_EXPORTER',
    section: 'metrics',
    type: 'enums',
    values: ['prometheus', 'otlp', 'console', 'none'],
    notOffered: { logging: 'it is deprecated; use "console"', 'otlp/stdout': STDOUT },
    default: ['prometheus'],
    doc: 'Exporters of metrics. `prometheus` serves them on the side port.',
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
    section: 'metrics',
    type: 'text',
    default: 'localhost',
    doc: 'Address that the side port listens on; use `0.0.0.0` in a container.',
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
    section: 'metrics',
    type: 'integer',
    min: 0,
    max: 65_535,
    default: 9464,
    doc: 'Port that the side port listens on; 0: any free port.',
  },
  duration('metrics', 'OTEL_METRIC_EXPORT_INTERVAL', 1, 60_000, 'Interval between exports of metrics.'),
  duration('metrics', 'OTEL_METRIC_EXPORT_TIMEOUT', 0, 30_000, 'Timeout of an export of metrics; 0: no limit.'),
  {
    name: 'OTEL_METRICS_EXEMPLAR_FILTER',
    section: 'metrics',
    type: 'enum',
    values: ['trace_based', 'always_on', 'always_off'],
    default: 'trace_based',
    doc: 'Which measurements may become exemplars: those in a sampled span, all, or none.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    section: 'metrics',
    type: 'enum',
    values: ['cumulative', 'delta', 'lowmemory'],
    default: 'cumulative',
    doc: 'Temporality of metrics sent over OTLP.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    section: 'metrics',
    type: 'enum',
    values: ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'],
    default: 'explicit_bucket_histogram',
    doc: 'Kind of histogram sent over OTLP.',
  },
]

export const LOGS_ROWS: readonly SettingRow[] = [
  {
    name: 'OTEL_LOGS_EXPORTER',
    section: 'logs',
    type: 'enums',
    values: ['otlp', 'console', 'none'],
    notOffered: { logging: 'it is deprecated; use "console"', 'otlp/stdout': STDOUT },
    default: [],
    doc: 'Exporters of log records.',
  },
  ...batchRows('logs', 'OTEL_BLRP_', 'log records', 1000),
]

function batchRows(section: SettingsSection, prefix: string, items: string, delayMs: number): readonly SettingRow[] {
  return [
    duration(section, `${prefix}SCHEDULE_DELAY`, 0, delayMs, `Maximum delay before ${items} are exported.`),
    duration(section, `${prefix}EXPORT_TIMEOUT`, 0, 30_000, `Timeout of an export of ${items}; 0: no limit.`),
    {
      name: `${prefix}MAX_QUEUE_SIZE`,
      section,
      type: 'integer',
      min: 1,
      default: 2048,
      doc: `Limit of queued ${items}; more are dropped and counted.`,
    },
    {
      name: `${prefix}MAX_EXPORT_BATCH_SIZE`,
      section,
      type: 'integer',
      min: 1,
      default: 512,
      doc: `Limit of ${items} in one export; at most the queue size.`,
    },
  ]
}

function duration(section: SettingsSection, name: string, min: number, defaultMs: number, doc: string): IntegerRow {
  return { name, section, type: 'integer', unit: 'milliseconds', min, default: defaultMs, doc }
}
