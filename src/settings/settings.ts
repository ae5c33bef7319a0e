/**
 * The result of the settings stage: plain, frozen data, of which each stage takes the slice it needs. Names follow the
 * specification's variables, and names of quantities include their unit.
 */

import type { OtlpOptionValues } from './otlp-options.ts'

export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all'
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json'
export type Signal = 'traces' | 'metrics' | 'logs'

/**
 * The destination of one signal, over OTLP or to Zipkin, with the general (`OTEL_EXPORTER_OTLP_*`) and per-signal
 * variables merged.
 */
export interface OtlpSettings extends OtlpOptionValues {
  readonly protocol: OtlpProtocol | 'zipkin'
  /**
   * The complete URL: for gRPC always with scheme, host and explicit port (or a `unix:` path), for HTTP with the
   * signal's path (`/v1/traces` …).
   */
  readonly endpoint: string
  /** Names in lower case, values decoded. Never logged. */
  readonly headers: Readonly<Record<string, string>>
  /** The proxy for a gRPC endpoint; undefined for a direct connection. */
  readonly proxy: ProxySettings | undefined
}

/** An HTTP proxy that tunnels with CONNECT. */
export interface ProxySettings {
  readonly host: string
  readonly port: number
  /** The header value for the user and password in its URL. Never logged. */
  readonly authorization: string | undefined
}

/** The settings of a batch processor: `OTEL_BSP_*` or `OTEL_BLRP_*`. */
export interface BatchSettings {
  readonly scheduleDelayMs: number
  /** 0 means no limit. */
  readonly exportTimeoutMs: number
  readonly maxQueueSize: number
  /** The number of items in one export, at most `maxQueueSize`. */
  readonly maxExportBatchSize: number
}

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'
  | 'jaeger_remote'
  | 'parentbased_jaeger_remote'

/** Settings of the `jaeger_remote` samplers. */
export interface RemoteSamplerSettings {
  /** With a path, Jaeger's HTTP address; without, its gRPC server. */
  readonly endpoint: string
  readonly pollingIntervalMs: number
  /** The rate until the server has answered. */
  readonly initialRate: number
  /** For the gRPC server only. */
  readonly proxy: ProxySettings | undefined
}

/** A sampling server's answer: a rate, a number of traces per second, or rates by the name of the root span. */
export type SamplingStrategy =
  | { readonly rate: number }
  | { readonly perSecond: number }
  | {
      readonly defaultRate: number
      /** The minimum for each operation, whatever its rate. */
      readonly lowerBoundPerSecond: number
      readonly rates: Readonly<Record<string, number>>
    }

/** Patterns of incoming paths and outgoing hosts whose requests are ignored. */
export interface IgnoreSettings {
  readonly paths: readonly string[]
  readonly hosts: readonly string[]
}

/** Which unsampled traces are kept. */
export interface KeepSettings {
  readonly errors: boolean
  readonly slow: boolean
  /** A local root that takes at least this long is slow. */
  readonly slowThresholdMs: number
  /** The limit of spans that are held back, for all traces together. */
  readonly maxSpans: number
}

export interface SpanLimitSettings {
  readonly attributeCount: number
  /** Infinity means no limit. */
  readonly attributeValueLength: number
  readonly eventCount: number
  readonly linkCount: number
  readonly attributePerEventCount: number
  readonly attributePerLinkCount: number
}

export interface TracesSettings {
  /** No tracer provider is registered when empty. */
  readonly exporters: readonly ('otlp' | 'zipkin' | 'console')[]
  readonly otlp: OtlpSettings
  /** The destination of the `zipkin` exporter. */
  readonly zipkin: OtlpSettings
  readonly batch: BatchSettings
  readonly sampler: {
    readonly name: SamplerName
    readonly ratio: number
    /** Only for the `jaeger_remote` samplers. */
    readonly remote: RemoteSamplerSettings | undefined
  }
  /** Set by `OBS_IGNORE_FROM=traces`. */
  readonly untraced: IgnoreSettings
  /** Patterns of instrumentation scopes whose spans are not exported. */
  readonly ignoreScopes: readonly string[]
  readonly keep: KeepSettings
  /** Limit of root traces per second; Infinity means no limit. */
  readonly perSecond: number
  readonly limits: SpanLimitSettings
}

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/#translation-strategy */
export type TranslationStrategy =
  | 'UnderscoreEscapingWithSuffixes'
  | 'UnderscoreEscapingWithoutSuffixes'
  | 'NoUTF8EscapingWithSuffixes'
  | 'NoTranslation'

export type HistogramAggregation = 'explicit_bucket_histogram' | 'base2_exponential_bucket_histogram'
export type ExemplarFilterName = 'trace_based' | 'always_on' | 'always_off'

/** The kind of an instrument, as configuration files name it. */
export type InstrumentKind =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'observable_counter'
  | 'observable_gauge'
  | 'observable_up_down_counter'
  | 'up_down_counter'

export type ViewAggregation =
  | { readonly kind: 'drop' | 'sum' | 'last_value' }
  | {
      readonly kind: 'explicit_bucket_histogram'
      /** Undefined means the specification's default. */
      readonly boundaries: readonly number[] | undefined
      readonly recordMinMax: boolean
    }
  | { readonly kind: 'base2_exponential_bucket_histogram'; readonly maxSize: number; readonly recordMinMax: boolean }

/**
 * A view of a configuration file: the instruments it selects, and what becomes of their metrics. Undefined members
 * select anything or change nothing.
 */
export interface ViewSettings {
  /** `*` matches any run of characters and `?` a single one, here and in the attributes. */
  readonly instrumentName: string | undefined
  readonly instrumentKind: InstrumentKind | undefined
  readonly unit: string | undefined
  readonly meterName: string | undefined
  readonly meterVersion: string | undefined
  readonly meterSchemaUrl: string | undefined
  /** Only when the view selects one instrument per meter. */
  readonly name: string | undefined
  readonly description: string | undefined
  readonly aggregation: ViewAggregation | undefined
  readonly maxSeries: number | undefined
  readonly includedAttributes: readonly string[] | undefined
  readonly excludedAttributes: readonly string[]
}

/** The limit of series per metric, by kind of instrument; `default` for all others. */
export type SeriesLimits = Readonly<Partial<Record<InstrumentKind | 'default', number>>>

export interface MetricsSettings {
  /** No meter provider is registered when empty. */
  readonly exporters: readonly ('prometheus' | 'otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly exportIntervalMs: number
  /** 0 means no limit. */
  readonly exportTimeoutMs: number
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory'
  /** The kind of histogram sent over OTLP. */
  readonly histogramAggregation: HistogramAggregation
  /** The kind of histogram on the side port. */
  readonly prometheusHistogramAggregation: HistogramAggregation
  readonly exemplarFilter: ExemplarFilterName
  readonly translationStrategy: TranslationStrategy
  /** Whether Prometheus series have `otel_scope_*` labels. */
  readonly scopeLabels: boolean
  /** Whether there are `otel.sdk.*` metrics. */
  readonly sdkMetrics: boolean
  /** The views of a configuration file. There is no variable for them. */
  readonly views: readonly ViewSettings[]
  readonly seriesLimits: Readonly<Record<'sidePort' | 'push', SeriesLimits>>
}

export interface LogsSettings {
  /** Empty by default: no logger provider is registered. */
  readonly exporters: readonly ('otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly batch: BatchSettings
  readonly limits: LogLimitSettings
  /** What to do with the app's `console` output. */
  readonly console: readonly ('correlate' | 'export')[]
}

export interface LogLimitSettings {
  readonly attributeCount: number
  /** Infinity means no limit. */
  readonly attributeValueLength: number
}

export interface SidePortTlsSettings {
  /** Paths of PEM files. */
  readonly certificateFile: string
  readonly keyFile: string
  /** When set, only clients with a certificate of this CA are accepted. */
  readonly clientCaFile: string | undefined
}

/** The page at `/` of the side port. */
export interface PageSettings {
  readonly isOn: boolean
  /** Memory for the last exported batches, which the page shows first. */
  readonly recentBytes: number
  /** Host names under which a browser may open the page when the side port is reachable over the network. */
  readonly hosts: readonly string[]
}

export interface SidePortSettings {
  readonly host: string
  /** 0 means any free port, which the start line reports. */
  readonly port: number
  readonly tls: SidePortTlsSettings | undefined
  /** `passwordHash` is a bcrypt hash. Never logged. */
  readonly basicAuth: { readonly user: string; readonly passwordHash: string } | undefined
  /** Never logged. */
  readonly bearerToken: string | undefined
  /**
   * Why the side port must stay closed: TLS or authentication was requested but is not usable, and serving without it
   * would expose what the user wanted protected. A problem has been reported.
   */
  readonly blockedBy: string | undefined
}

export interface InstrumentationSettings {
  /**
   * Short names like upstream's (`http`, `pg`, `nestjs-core` …); undefined means all but those that are off by default.
   */
  readonly enabled: readonly string[] | undefined
  readonly disabled: readonly string[]
  /** Package names or paths of additional instrumentations, resolved from the app. */
  readonly extra: readonly string[]
  /** By the part of a variable's name after `OBS_INSTRUMENTATION_` (`PG_REQUIRE_PARENT_SPAN`). */
  readonly options: Readonly<Record<string, string>>
  /** Patterns (`/ready*`) of incoming paths and outgoing hosts to ignore in both traces and metrics. */
  readonly ignorePaths: readonly string[]
  readonly ignoreHosts: readonly string[]
  /** Set by `OBS_IGNORE_FROM=metrics`. */
  readonly unmeasured: IgnoreSettings
  /** In upper case; undefined means the default of the instrumentations. */
  readonly httpKnownMethods: readonly string[] | undefined
  /** Which functions of frameworks get their own spans. */
  readonly frameworkSpans: 'none' | 'handlers' | 'all'
  /** What may be recorded although it may contain user data. */
  readonly capture: readonly Capture[]
  /** Whether log records of pino, bunyan and winston are exported. */
  readonly sendsLogs: boolean
}

export interface LifecycleSettings {
  /** How long a normal exit, process.exit() or uncaught exception may wait for the last export. */
  readonly exitFlushTimeoutMs: number
  /** How long an exit by signal may wait for the last export. */
  readonly signalFlushTimeoutMs: number
  /** Limit in bytes of the batches buffered during an outage of the collector. */
  readonly maxRetainedBytes: number
  /** Limit in bytes of one batch. */
  readonly maxExportBytes: number
}

export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]

/** Detectors that query a metadata service over the network. */
export type CloudDetector = 'aws' | 'gcp' | 'azure' | 'alibaba'

export interface ResourceSettings {
  /** `service.name` by the rules of docs/configuration.md; undefined means the specification's default. */
  readonly serviceName: string | undefined
  readonly serviceVersion: string | undefined
  /** `OTEL_RESOURCE_ATTRIBUTES`, decoded, without the two above. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** Names without `all`, which is expanded, and `none`, which is an empty list. */
  readonly detectors: readonly string[]
  /** The cloud detectors among them. */
  readonly cloudDetectors: readonly CloudDetector[]
  /** Set by `OBS_CAPTURE=arguments`: includes the command line. */
  readonly showsArguments: boolean
  /** Attributes of the deployment found in the environment, by detector. */
  readonly found: Readonly<Record<'k8s' | 'git', Readonly<Record<string, string>>>>
}

/** Data that may come from the app's users and is only exported when enabled (`OBS_CAPTURE`). */
export type Capture =
  | 'query'
  | 'headers'
  | 'sql'
  | 'redis'
  | 'mongodb'
  | 'memcached'
  | 'graphql'
  | 'messages'
  | 'genai'
  | 'arguments'

/** `OBS_REDACT`. Expressions are kept as text, since a frozen one cannot be matched. */
export interface RedactionSettings {
  readonly patterns: readonly { readonly source: string; readonly flags: string }[]
  /** Attribute names, or globs for them. */
  readonly attributes: readonly string[]
}

export interface PrivacySettings {
  /** Names with `all` expanded. */
  readonly capture: readonly Capture[]
  readonly redact: RedactionSettings
}

/** Globs for a main script's package, `package/path`, file name or whole path. */
export interface GuardrailSettings {
  readonly always: readonly string[]
  readonly never: readonly string[]
}

/** How the processes of a service share a side port. */
export interface FleetSettings {
  readonly enabled: boolean
  /** A process that has not answered a scrape by then counts with its last values. */
  readonly timeoutMs: number
  readonly everyProcessApart: boolean
  /** How many ports after the side port are tried when it is taken. */
  readonly portFallbacks: number
  /** `XDG_RUNTIME_DIR`. */
  readonly runtimeFolder: string | undefined
}

/** The origin of a value. */
export type SettingSource = 'default' | 'environment' | '.env' | 'OTEL_CONFIG_FILE'

/** A problem for the log: an invalid value, what is accepted and what is used instead. */
export interface SettingProblem {
  readonly variable: string
  readonly message: string
}

export interface Settings {
  /** `OTEL_SDK_DISABLED=true` or `METRICS_ENABLED=false`. When set, nothing else of this object applies. */
  readonly disabledBy: string | undefined
  readonly logLevel: LogLevel
  readonly propagators: readonly string[]
  readonly traces: TracesSettings
  readonly metrics: MetricsSettings
  readonly logs: LogsSettings
  readonly sidePort: SidePortSettings
  readonly page: PageSettings
  /** `OBS_PRINT`: whether each finished request is written to stderr as a tree. */
  readonly print: boolean
  readonly fleet: FleetSettings
  readonly instrumentations: InstrumentationSettings
  readonly resource: ResourceSettings
  readonly lifecycle: LifecycleSettings
  readonly privacy: PrivacySettings
  readonly guardrails: GuardrailSettings
  /** By variable name, for the whole table. */
  readonly sources: Readonly<Record<string, SettingSource>>
  readonly problems: readonly SettingProblem[]
}
