/**
 * What the settings stage hands to the others: plain, frozen data. Each stage takes the slice it needs.
 * Names follow the specification's variables; a name that carries a quantity carries its unit.
 */

export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all'
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json'
export type Signal = 'traces' | 'metrics' | 'logs'

/** One signal's OTLP destination, every general (`OTEL_EXPORTER_OTLP_*`) and per-signal variable merged. */
export interface OtlpSettings {
  readonly protocol: OtlpProtocol
  /**
   * Complete URL that the transport dials: always with scheme, host and explicit port (or `unix:` path) for gRPC,
   * and with the signal's path (`/v1/traces` …) for HTTP.
   */
  readonly endpoint: string
  /** Lower-case names; values already percent-decoded. Never logged. */
  readonly headers: Readonly<Record<string, string>>
  /** Total time for one export with its retries. 0 means no limit. */
  readonly timeoutMs: number
  readonly compression: 'gzip' | 'none'
  /** Paths of PEM files; undefined: the system's roots, no client certificate. */
  readonly certificateFile: string | undefined
  readonly clientKeyFile: string | undefined
  readonly clientCertificateFile: string | undefined
}

/** `OTEL_BSP_*` and `OTEL_BLRP_*`. */
export interface BatchSettings {
  readonly scheduleDelayMs: number
  readonly exportTimeoutMs: number
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
}

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'

export interface SpanLimitSettings {
  readonly attributeCount: number
  /** Infinity: no limit. */
  readonly attributeValueLength: number
  readonly eventCount: number
  readonly linkCount: number
  readonly attributePerEventCount: number
  readonly attributePerLinkCount: number
}

export interface TracesSettings {
  /** Empty: no tracer provider. */
  readonly exporters: readonly ('otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly batch: BatchSettings
  readonly sampler: { readonly name: SamplerName; readonly ratio: number }
  readonly limits: SpanLimitSettings
}

export interface MetricsSettings {
  /** Empty: no meter provider. */
  readonly exporters: readonly ('prometheus' | 'otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly exportIntervalMs: number
  readonly exportTimeoutMs: number
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory'
}

export interface LogsSettings {
  /** Empty (the default): no logger provider. */
  readonly exporters: readonly ('otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly batch: BatchSettings
}

export interface SidePortSettings {
  readonly host: string
  /** 0: any free port, reported in the start line. */
  readonly port: number
}

export interface InstrumentationSettings {
  /** Short names as upstream has them (`http`, `pg`, `nestjs-core` …); undefined: all but those off by default. */
  readonly enabled: readonly string[] | undefined
  readonly disabled: readonly string[]
}

export interface LifecycleSettings {
  /** How long a synchronous end (natural end, process.exit(), uncaught exception) may wait for the last export. */
  readonly exitFlushTimeoutMs: number
  /** The same for an end by signal. */
  readonly signalFlushTimeoutMs: number
  /** Bound in bytes of batches kept while the collector is away. */
  readonly maxRetainedBytes: number
}

export interface ResourceSettings {
  /** `service.name` as decided by the rules of the README; undefined: the specification's default. */
  readonly serviceName: string | undefined
  readonly serviceVersion: string | undefined
  /** `OTEL_RESOURCE_ATTRIBUTES`, decoded, without what the two above decide. */
  readonly attributes: Readonly<Record<string, string>>
  readonly detectors: readonly string[]
}

/** Where a value came from. */
export type SettingSource = 'default' | 'environment' | '.env'

/** One line for the user: an invalid value, what is accepted and what is used instead. */
export interface SettingProblem {
  readonly variable: string
  readonly message: string
}

export interface Settings {
  /** `OTEL_SDK_DISABLED=true` or `METRICS_ENABLED=false`: nothing else of this object is looked at. */
  readonly disabledBy: string | undefined
  readonly logLevel: LogLevel
  readonly propagators: readonly string[]
  readonly traces: TracesSettings
  readonly metrics: MetricsSettings
  readonly logs: LogsSettings
  readonly sidePort: SidePortSettings
  readonly instrumentations: InstrumentationSettings
  readonly resource: ResourceSettings
  readonly lifecycle: LifecycleSettings
  /** By variable name: everything on the table. */
  readonly sources: Readonly<Record<string, SettingSource>>
  readonly problems: readonly SettingProblem[]
}
