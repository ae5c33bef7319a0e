/**
 * What the settings stage hands to the others: plain, frozen data. Each stage takes the slice it needs.
 * Names follow the specification's variables; a name that carries a quantity carries its unit.
 */

export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all'
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json'
export type Signal = 'traces' | 'metrics' | 'logs'

/** One signal's destination, OTLP but for `zipkin`; every general (`OTEL_EXPORTER_OTLP_*`) and per-signal variable merged. */
export interface OtlpSettings {
  readonly protocol: OtlpProtocol | 'zipkin'
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
  /** What a gRPC endpoint is reached through; undefined: directly. */
  readonly proxy: ProxySettings | undefined
}

/** An HTTP proxy that tunnels with CONNECT. */
export interface ProxySettings {
  readonly host: string
  readonly port: number
  /** Of its URL's user and password. Never logged. */
  readonly authorization: string | undefined
}

/** `OTEL_BSP_*` and `OTEL_BLRP_*`. */
export interface BatchSettings {
  readonly scheduleDelayMs: number
  /** 0 means no limit. */
  readonly exportTimeoutMs: number
  readonly maxQueueSize: number
  /** At most `maxQueueSize`. */
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

/** Where the `jaeger_remote` samplers ask. */
export interface RemoteSamplerSettings {
  /** With a path: Jaeger's HTTP address; without: its gRPC server. */
  readonly endpoint: string
  readonly pollingIntervalMs: number
  /** Until there is an answer. */
  readonly initialRate: number
  /** For the gRPC server. */
  readonly proxy: ProxySettings | undefined
}

/** What a sampling server answers: a share of the traces, so many a second, or a share by the name of the first span. */
export type SamplingStrategy =
  | { readonly rate: number }
  | { readonly perSecond: number }
  | {
      readonly defaultRate: number
      /** For each operation, whatever its share gives. */
      readonly lowerBoundPerSecond: number
      readonly rates: Readonly<Record<string, number>>
    }

/** Patterns of incoming paths and outgoing hosts whose requests are left out. */
export interface IgnoreSettings {
  readonly paths: readonly string[]
  readonly hosts: readonly string[]
}

/** What is kept of the traces that the sampler leaves out. */
export interface KeepSettings {
  readonly errors: boolean
  readonly slow: boolean
  /** A local root that takes at least this long is slow. */
  readonly slowThresholdMs: number
  /** Bound of the spans that wait, all traces together. */
  readonly maxSpans: number
}

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
  readonly exporters: readonly ('otlp' | 'zipkin' | 'console')[]
  readonly otlp: OtlpSettings
  /** Where `zipkin` sends. */
  readonly zipkin: OtlpSettings
  readonly batch: BatchSettings
  readonly sampler: {
    readonly name: SamplerName
    readonly ratio: number
    /** Of the `jaeger_remote` samplers alone. */
    readonly remote: RemoteSamplerSettings | undefined
  }
  /** `OBS_IGNORE_FROM=traces`. */
  readonly untraced: IgnoreSettings
  /** Patterns of instrumentation scopes without spans. */
  readonly ignoreScopes: readonly string[]
  readonly keep: KeepSettings
  /** Traces begun here a second; Infinity: no limit. */
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

/** An instrument's kind as a configuration file says it. */
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
      /** Undefined: the specification's. */
      readonly boundaries: readonly number[] | undefined
      readonly recordMinMax: boolean
    }
  | { readonly kind: 'base2_exponential_bucket_histogram'; readonly maxSize: number; readonly recordMinMax: boolean }

/** A view of a configuration file: which instruments, and what becomes of their metrics. Undefined: any, and as it is. */
export interface ViewSettings {
  /** `*` is any run of characters and `?` one, in this and in the attributes. */
  readonly instrumentName: string | undefined
  readonly instrumentKind: InstrumentKind | undefined
  readonly unit: string | undefined
  readonly meterName: string | undefined
  readonly meterVersion: string | undefined
  readonly meterSchemaUrl: string | undefined
  /** Only where one instrument a meter is selected. */
  readonly name: string | undefined
  readonly description: string | undefined
  readonly aggregation: ViewAggregation | undefined
  readonly maxSeries: number | undefined
  readonly includedAttributes: readonly string[] | undefined
  readonly excludedAttributes: readonly string[]
}

/** The most series of a metric, by the kind of its instrument; `default` for all others. */
export type SeriesLimits = Readonly<Partial<Record<InstrumentKind | 'default', number>>>

export interface MetricsSettings {
  /** Empty: no meter provider. */
  readonly exporters: readonly ('prometheus' | 'otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly exportIntervalMs: number
  /** 0 means no limit. */
  readonly exportTimeoutMs: number
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory'
  /** For OTLP. */
  readonly histogramAggregation: HistogramAggregation
  /** For the side port. */
  readonly prometheusHistogramAggregation: HistogramAggregation
  readonly exemplarFilter: ExemplarFilterName
  readonly translationStrategy: TranslationStrategy
  /** `otel_scope_*` labels on each Prometheus series. */
  readonly scopeLabels: boolean
  /** `otel.sdk.*` metrics. */
  readonly sdkMetrics: boolean
  /** Of a configuration file; there is no variable for them. */
  readonly views: readonly ViewSettings[]
  readonly seriesLimits: Readonly<Record<'sidePort' | 'push', SeriesLimits>>
}

export interface LogsSettings {
  /** Empty (the default): no logger provider. */
  readonly exporters: readonly ('otlp' | 'console')[]
  readonly otlp: OtlpSettings
  readonly batch: BatchSettings
  readonly limits: LogLimitSettings
  /** What becomes of what the app writes with `console`. */
  readonly console: readonly ('correlate' | 'export')[]
}

export interface LogLimitSettings {
  readonly attributeCount: number
  /** Infinity: no limit. */
  readonly attributeValueLength: number
}

export interface SidePortTlsSettings {
  /** Paths of PEM files. */
  readonly certificateFile: string
  readonly keyFile: string
  /** Given: only clients with a certificate of this authority are let in. */
  readonly clientCaFile: string | undefined
}

/** The page at the side port's `/`. */
export interface PageSettings {
  readonly isOn: boolean
  /** Memory for the batches that were sent last, which the page shows first. */
  readonly recentBytes: number
  /** Names under which a browser may open it where the side port listens for the network. */
  readonly hosts: readonly string[]
}

export interface SidePortSettings {
  readonly host: string
  /** 0: any free port, reported in the start line. */
  readonly port: number
  readonly tls: SidePortTlsSettings | undefined
  /** `passwordHash` is a bcrypt hash. Never logged. */
  readonly basicAuth: { readonly user: string; readonly passwordHash: string } | undefined
  /** Never logged. */
  readonly bearerToken: string | undefined
  /**
   * Why the side port must not open: TLS or authentication was asked for and is not usable. Serving without it would
   * show to everybody what the user wanted protected. A problem line has said it already.
   */
  readonly blockedBy: string | undefined
}

export interface InstrumentationSettings {
  /** Short names as upstream has them (`http`, `pg`, `nestjs-core` …); undefined: all but those off by default. */
  readonly enabled: readonly string[] | undefined
  readonly disabled: readonly string[]
  /** Package names or paths of further instrumentations, resolved from the app. */
  readonly extra: readonly string[]
  /** What follows `OBS_INSTRUMENTATION_` in a variable's name (`PG_REQUIRE_PARENT_SPAN`), and its text. */
  readonly options: Readonly<Record<string, string>>
  /** Patterns (`/ready*`) of incoming paths and outgoing hosts to leave out of traces and metrics. */
  readonly ignorePaths: readonly string[]
  readonly ignoreHosts: readonly string[]
  /** `OBS_IGNORE_FROM=metrics`. */
  readonly unmeasured: IgnoreSettings
  /** Upper case; undefined: the instrumentations' own set. */
  readonly httpKnownMethods: readonly string[] | undefined
  /** Which functions of frameworks have spans of their own. */
  readonly frameworkSpans: 'none' | 'handlers' | 'all'
  /** What may be recorded though it may be the data of users. */
  readonly capture: readonly Capture[]
  /** Log records of pino, bunyan and winston go to the exporters of logs. */
  readonly sendsLogs: boolean
}

export interface LifecycleSettings {
  /** How long a synchronous end (natural end, process.exit(), uncaught exception) may wait for the last export. */
  readonly exitFlushTimeoutMs: number
  /** The same for an end by signal. */
  readonly signalFlushTimeoutMs: number
  /** Bound in bytes of batches kept while the collector is away. */
  readonly maxRetainedBytes: number
  /** Of one batch. */
  readonly maxExportBytes: number
}

export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]

/** They ask a metadata service over the network. */
export type CloudDetector = 'aws' | 'gcp' | 'azure' | 'alibaba'

export interface ResourceSettings {
  /** `service.name` as decided by the rules of docs/configuration.md; undefined: the specification's default. */
  readonly serviceName: string | undefined
  readonly serviceVersion: string | undefined
  /** `OTEL_RESOURCE_ATTRIBUTES`, decoded, without what the two above decide. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** Without `all` and `none`: the first is written out, the second is the empty list. */
  readonly detectors: readonly string[]
  /** Those among them that ask somebody. */
  readonly cloudDetectors: readonly CloudDetector[]
  /** `OBS_CAPTURE=arguments`: with the command line. */
  readonly showsArguments: boolean
  /** What the environment tells of the deployment, as attributes, by the detector that asks for it. */
  readonly found: Readonly<Record<'k8s' | 'git', Readonly<Record<string, string>>>>
}

/** What may carry the data of an app's users and leaves only when it is opened up (`OBS_CAPTURE`). */
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

/** `OBS_REDACT`. Expressions as text: a frozen one cannot be matched. */
export interface RedactionSettings {
  readonly patterns: readonly { readonly source: string; readonly flags: string }[]
  /** Names of attributes, or globs over them. */
  readonly attributes: readonly string[]
}

export interface PrivacySettings {
  /** With `all` written out. */
  readonly capture: readonly Capture[]
  readonly redact: RedactionSettings
}

/** Globs over a main script's package, `package/path`, file name or whole path. */
export interface GuardrailSettings {
  readonly always: readonly string[]
  readonly never: readonly string[]
}

/** How the processes of a service share a side port. */
export interface FleetSettings {
  readonly enabled: boolean
  /** Who has not answered a scrape by then is shown as it last was. */
  readonly timeoutMs: number
  readonly everyProcessApart: boolean
  /** Ports after the side port that are tried when another program has it. */
  readonly portFallbacks: number
  /** `XDG_RUNTIME_DIR`. */
  readonly runtimeFolder: string | undefined
}

/** Where a value came from. */
export type SettingSource = 'default' | 'environment' | '.env' | 'OTEL_CONFIG_FILE'

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
  readonly page: PageSettings
  /** `OBS_PRINT`: write each finished request to stderr as a tree. */
  readonly print: boolean
  readonly fleet: FleetSettings
  readonly instrumentations: InstrumentationSettings
  readonly resource: ResourceSettings
  readonly lifecycle: LifecycleSettings
  readonly privacy: PrivacySettings
  readonly guardrails: GuardrailSettings
  /** By variable name: everything on the table. */
  readonly sources: Readonly<Record<string, SettingSource>>
  readonly problems: readonly SettingProblem[]
}
