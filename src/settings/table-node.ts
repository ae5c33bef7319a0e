import type { SettingRow } from './row.ts'

/** Variables of OpenTelemetry JS (`OTEL_NODE_*`), read like upstream but more leniently. */
const INSTRUMENTATION_PREFIX = '@opentelemetry/instrumentation-'

export const NODE_ROWS: readonly SettingRow[] = [
  {
    name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    section: 'node',
    type: 'list',
    stripPrefix: INSTRUMENTATION_PREFIX,
    default: undefined,
    defaultText: 'all but `fs`, `net`, `dns`, `host-metrics`',
    doc: 'Instrumentations to enable, by short name: `http,pg,ioredis`. All others are disabled.',
  },
  {
    name: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    section: 'node',
    type: 'list',
    stripPrefix: INSTRUMENTATION_PREFIX,
    default: [],
    doc: 'Instrumentations to disable, by short name.',
  },
  {
    name: 'OTEL_NODE_RESOURCE_DETECTORS',
    section: 'node',
    type: 'enums',
    // Three upstream dialects (auto-instrumentations, NodeSDK, startNodeSdk) in one list, and our own `k8s` and `git`.
    values: [
      'env',
      'host',
      'os',
      'process',
      'service',
      'serviceinstance',
      'container',
      'k8s',
      'git',
      'aws',
      'gcp',
      'azure',
      'alibaba',
      'all',
      'none',
    ],
    default: ['env', 'host', 'os', 'process', 'serviceinstance', 'container', 'k8s', 'git'],
    doc:
      'Resource detectors. `aws`, `gcp`, `azure` and `alibaba` query a metadata service, and only when named or with `all`. ' +
      'The service name and `OTEL_RESOURCE_ATTRIBUTES` apply with any list.',
  },
  {
    name: 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS',
    section: 'node',
    type: 'boolean',
    default: true,
    doc: "Metrics about the SDK's own spans, log records and collections (`otel.sdk.*`).",
  },
]
