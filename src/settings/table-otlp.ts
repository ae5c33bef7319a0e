import { OTLP_OPTIONS, type OtlpOption } from './otlp-options.ts'
import type { SettingRow } from './row.ts'
import type { Signal } from './settings.ts'

/**
 * The rows of the OTLP exporter, each general and per signal.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
type OtlpName = 'ENDPOINT' | 'PROTOCOL' | 'HEADERS' | 'INSECURE' | OtlpOption

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

/** Names that the specification used before 1.0 and still allows. */
const OBSOLETE_INSECURE: Readonly<Partial<Record<Signal, string>>> = {
  traces: 'OTEL_EXPORTER_OTLP_SPAN_INSECURE',
  metrics: 'OTEL_EXPORTER_OTLP_METRIC_INSECURE',
}

export function otlpVariable(option: OtlpName, signal?: Signal): string {
  return `OTEL_EXPORTER_OTLP_${signal === undefined ? '' : `${signal.toUpperCase()}_`}${option}`
}

export const OTLP_ROWS: readonly SettingRow[] = [
  ...rowsOf(undefined),
  ...SIGNALS.flatMap(rowsOf),
  ...Object.values(OBSOLETE_INSECURE).map(obsoleteRow),
  proxyRow('grpc_proxy', 'HTTP proxy for OTLP/gRPC: `http://host:port`. Not used for endpoints on this machine.'),
  proxyRow('https_proxy', 'HTTP proxy for OTLP/gRPC if `grpc_proxy` is not set.'),
  proxyRow('http_proxy', 'HTTP proxy for OTLP/gRPC if neither `grpc_proxy` nor `https_proxy` is set.'),
  exceptionRow('no_grpc_proxy', 'Comma-separated hosts, domains and IPv4 ranges that OTLP/gRPC connects to directly.'),
  exceptionRow('no_proxy', 'The same list, used if `no_grpc_proxy` is not set.'),
]

function rowsOf(signal: Signal | undefined): readonly SettingRow[] {
  const of = signal === undefined ? '' : ` for ${signal}`
  const common = (option: OtlpName) =>
    signal === undefined
      ? ({ name: otlpVariable(option), section: 'otlp' } as const)
      : ({ name: otlpVariable(option, signal), section: 'otlp', fallback: otlpVariable(option) } as const)
  return [
    {
      ...common('ENDPOINT'),
      type: 'url',
      default: undefined,
      ...(signal === undefined
        ? { defaultText: '`http://localhost:4317` (gRPC), `http://localhost:4318` (HTTP)' }
        : { defaultText: signal === 'traces' ? 'the general one; HTTP appends `/v1/traces`' : 'the general one' }),
      doc: `Endpoint${of}${signal === undefined ? '; over HTTP `/v1/<signal>` is appended' : '; used as it is'}.`,
    },
    {
      ...common('PROTOCOL'),
      type: 'enum',
      values: ['grpc', 'http/protobuf', 'http/json'],
      default: 'grpc',
      doc: `Transport${of}.`,
    },
    {
      ...common('HEADERS'),
      type: 'headers',
      default: undefined,
      sensitive: true,
      doc: `Headers${of}: \`name=value,name2=value2\`, percent-encoded${signal === undefined ? '' : '; added to the general ones'}.`,
    },
    {
      ...common('INSECURE'),
      ...insecureFallback(signal),
      type: 'boolean',
      default: false,
      doc: `gRPC without TLS${of} when the endpoint has no scheme.`,
    },
    ...Object.values(OTLP_OPTIONS).map(({ option, doc, ...row }): SettingRow => {
      const { defaultText, ...inherited } = { defaultText: undefined, ...row }
      const shown = signal === undefined && defaultText !== undefined ? { defaultText } : {}
      return { ...inherited, ...shown, ...common(option), doc: doc.replace('{for signal}', of) }
    }),
  ]
}

function insecureFallback(signal: Signal | undefined): { readonly fallback: string } | undefined {
  const obsolete = signal === undefined ? undefined : OBSOLETE_INSECURE[signal]
  return obsolete === undefined ? undefined : { fallback: obsolete }
}

function proxyRow(name: string, doc: string): SettingRow {
  return { name, section: 'otlp', type: 'text', sensitive: true, default: undefined, doc }
}

function exceptionRow(name: string, doc: string): SettingRow {
  return { name, section: 'otlp', type: 'text', default: undefined, doc }
}

function obsoleteRow(name: string): SettingRow {
  return {
    name,
    section: 'otlp',
    type: 'boolean',
    default: false,
    fallback: otlpVariable('INSECURE'),
    doc: 'Older name of the per-signal `…_INSECURE`.',
  }
}
