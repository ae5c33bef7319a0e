import type { SettingRow } from './row.ts'

/** Variables of OpenTelemetry JS (`OTEL_NODE_*`), read as upstream reads them and then more kindly. */
const INSTRUMENTATION_PREFIX = '@opentelemetry/instrumentation-'

export const NODE_ROWS: readonly SettingRow[] = [
  {
    name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    section: 'node',
    type: 'list',
    stripPrefix: INSTRUMENTATION_PREFIX,
    default: undefined,
    defaultText: 'all but `fs`, `net`, `dns`, `host-metrics`',
    doc: 'Only these instrumentations, by short name: `http,pg,ioredis`.',
  },
  {
    name: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    section: 'node',
    type: 'list',
    stripPrefix: INSTRUMENTATION_PREFIX,
    default: [],
    doc: 'Instrumentations to leave out, by short name.',
  },
  {
    name: 'OTEL_NODE_RESOURCE_DETECTORS',
    section: 'node',
    type: 'enums',
    // Three upstream dialects (auto-instrumentations, NodeSDK, startNodeSdk) in one list, and `k8s` and `git` of ours.
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
      'What is found out about the place the process runs in. `aws`, `gcp`, `azure` and `alibaba` ask a metadata service, and only where they or `all` are named. ' +
      'Service name and `OTEL_RESOURCE_ATTRIBUTES` are kept with any list.',
  },
  {
    name: 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS',
    section: 'node',
    type: 'boolean',
    default: true,
    doc: "Metrics about the SDK's own spans, log records and collections (`otel.sdk.*`).",
  },
]
