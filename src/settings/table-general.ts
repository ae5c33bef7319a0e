import type { SettingRow } from './row.ts'

const NO_CONFIG_FILE = 'the declarative configuration is not read; set the single variables'

/** Rows of the specification's general section. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export const GENERAL_ROWS: readonly SettingRow[] = [
  {
    name: 'METRICS_ENABLED',
    section: 'general',
    type: 'boolean',
    lenient: true,
    default: true,
    doc: '`false` switches everything off: nothing is loaded, no port, no connection.',
  },
  {
    name: 'OTEL_SDK_DISABLED',
    section: 'general',
    type: 'boolean',
    default: false,
    doc: '`true` switches everything off, like `METRICS_ENABLED=false`.',
  },
  {
    name: 'OTEL_SERVICE_NAME',
    section: 'general',
    type: 'text',
    default: undefined,
    defaultText: '`service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else `name` of the nearest package.json',
    doc: 'Name of the service.',
  },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    section: 'general',
    type: 'attributes',
    default: undefined,
    doc: 'Attributes of everything sent: `key=value,key2=value2`, percent-encoded. A bad entry drops only itself.',
  },
  {
    name: 'OTEL_LOG_LEVEL',
    section: 'general',
    type: 'enum',
    values: ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
    default: 'info',
    doc: 'How much the package says on stderr.',
  },
  {
    name: 'OTEL_PROPAGATORS',
    section: 'general',
    type: 'enums',
    values: ['tracecontext', 'baggage', 'b3', 'b3multi', 'xray', 'none'],
    notOffered: {
      jaeger: 'its propagator is deprecated and not included; Jaeger reads tracecontext',
      ottrace: 'its propagator is deprecated and not included',
    },
    default: ['tracecontext', 'baggage'],
    doc: 'Headers that carry the trace from service to service.',
  },
  {
    name: 'OTEL_CONFIG_FILE',
    section: 'general',
    type: 'path',
    default: undefined,
    noEffect: NO_CONFIG_FILE,
    doc: 'Declarative configuration (YAML).',
  },
  {
    name: 'OTEL_EXPERIMENTAL_CONFIG_FILE',
    section: 'general',
    type: 'path',
    default: undefined,
    noEffect: NO_CONFIG_FILE,
    doc: 'Older name of `OTEL_CONFIG_FILE`.',
  },
  {
    name: 'OTEL_ENTITIES',
    section: 'general',
    type: 'text',
    default: undefined,
    noEffect: 'resource entities are still in development in the specification; use OTEL_RESOURCE_ATTRIBUTES',
    doc: 'Resource entities.',
  },
  {
    name: 'OTEL_SEMCONV_STABILITY_OPT_IN',
    section: 'general',
    type: 'enums',
    values: ['http', 'database'],
    notOffered: {
      'http/dup': 'only the stable names exist any more',
      'database/dup': 'only the stable names exist any more',
    },
    default: [],
    defaultText: 'stable names',
    doc: 'Accepted for compatibility: the stable semantic conventions are always used.',
  },
  {
    name: 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS',
    section: 'general',
    type: 'list',
    default: undefined,
    defaultText: 'the methods of RFC 9110, PATCH and QUERY',
    doc: 'HTTP methods that are named in spans and metrics; any other is `_OTHER`.',
  },
  {
    name: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    section: 'general',
    type: 'boolean',
    default: false,
    doc: 'Record prompts and answers of language models.',
  },
]
