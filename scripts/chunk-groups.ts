import type { OutputOptions } from 'rolldown'

type CodeSplitting = Exclude<OutputOptions['codeSplitting'], boolean | undefined>
type CodeSplittingGroup = NonNullable<CodeSplitting['groups']>[number]

/** What `src/start.ts` imports, and nothing else of `src/base`. */
const BASE =
  /[\\/]src[\\/](base[\\/](chunks|credentials-in-text|diag|environment|facts|first-fetch|first-use|follow-links|glob|guardrails|inherited-preload|invocation|lambda-environment|package-names|plug-n-play|pm2-worker|primordials|regular-file|required|shown-url|single-executable|startup-snapshot|stand-in|stderr|switches|thread-link|variable)|start|start[\\/](after-the-app-started|decide|outline|plain-environment)|hooks[\\/]watched\.generated|lifecycle[\\/]exit)\.ts/

/** The rest of `src/base`, and which packages are instrumented. */
const COMMON =
  /[\\/]src[\\/](base[\\/](?!grpc-|guard\.|host\.|load-operation-metrics)|hooks[\\/](catalog\.generated|off-by-default|pending-packages|selection)\.ts)/

/** Some parts of the hook registries have state and must exist once. */
const HOOK_REGISTRIES =
  /@opentelemetry[\\/]instrumentation[\\/]|[\\/]src[\\/](hooks[\\/](require-hook|wrapper-marks)|instrumentation[\\/](wrap|resemble))\.ts|module-details-from-path|import-in-the-middle[\\/](index|lib[\\/]register)\.js/

/** API and SDK, and what the stages of a start share with later chunks: every start needs all of it. */
const SDK =
  /@opentelemetry[\\/](api[\\/]|core|sdk-|resources|semantic)|[\\/]src[\\/](sdk[\\/]|aggregation[\\/](exemplar|series-limit)\.ts|export[\\/](hints|rate-limited-log|worker-messages|ledger|cut-span)\.ts|hooks[\\/](bundled|guarded-patch)\.ts|base[\\/](guard|host|load-operation-metrics)\.ts|instrumentation[\\/]guarded-channel\.ts|sampling[\\/]ignore-rules\.ts|threads[\\/]histograms\.ts)/

/** The transports, which run in the export worker and are loaded in the app's thread only without a worker. */
const TRANSPORTS =
  /[\\/]src[\\/]export[\\/](grpc-[\w-]+|http-transport|redact-sent|transport(-for)?|host-lookup|handle-refs|informational|client-tls|protobuf-fields|openssl-reason|partial-success|retry-info|gzip)\.ts$/

/**
 * How modules that several chunks share are grouped into files. Groups are folders of `src/`, so that moving a file
 * within its folder does not change what a start loads; `test/e2e/start-size.test.ts` limits that.
 */
export const CHUNK_GROUPS: CodeSplittingGroup[] = [
  // All that a process loads that stays out or uses nothing: nothing of OpenTelemetry is in it, and no setting.
  {
    name: 'base',
    test: BASE,
    priority: 9,
  },
  // What the settings and the stages of a start share.
  { name: 'common', test: COMMON, minShareCount: 2, priority: 8 },
  // What the transports and instrumentations of gRPC share, since few apps use either.
  {
    name: 'grpc',
    test: /[\\/]src[\\/](base[\\/]grpc-|instrumentation[\\/]http[\\/](session-peer|http2-owners))/,
    minShareCount: 2,
    priority: 8,
  },
  { name: 'sdk', test: SDK, minShareCount: 2, priority: 8 },
  // The X-Ray propagator, for services that enable it, and for AWS Lambda.
  { name: 'xray', test: /@opentelemetry[\\/]propagator-aws/, minShareCount: 2, priority: 8 },
  { name: 'instrumentation', test: HOOK_REGISTRIES, priority: 7 },
  // Wraps ES modules, here or in Node's hooks thread.
  {
    name: 'esm',
    test: /import-in-the-middle|module-lexer|[\\/]src[\\/]hooks[\\/](esm|esm-matcher|wrapping)\.ts$/,
    priority: 6,
  },
  { name: 'sql', test: /sql-common|redis-common|[\\/]src[\\/]privacy[\\/]redis-sanitizer\.ts/, priority: 4 },
  { name: 'http', test: /[\\/]src[\\/]instrumentation[\\/]http[\\/]/, minShareCount: 2, priority: 4 },
  // What the routers of frameworks share, so that a server without a framework does not load it.
  {
    name: 'frameworks',
    test: /[\\/]src[\\/]instrumentation[\\/]frameworks[\\/]/,
    minShareCount: 2,
    priority: 3,
  },
  // What gRPC and Connect share, which servers with a framework do not load.
  { name: 'rpc', test: /[\\/]src[\\/]instrumentation[\\/](rpc|graphql)[\\/]/, minShareCount: 2, priority: 3 },
  // What clients of databases and queues share.
  {
    name: 'operations',
    test: /[\\/]src[\\/]instrumentation[\\/]((operations|pools)[\\/]|copied\.ts)/,
    minShareCount: 2,
    priority: 4,
  },
  // Handles batches that are too large, for the export without a worker and for the page's buffer.
  {
    name: 'splitting',
    test: /[\\/]src[\\/]export[\\/](split-body|protobuf-frames)\.ts$/,
    minShareCount: 2,
    priority: 4,
  },
  { name: 'transports', test: TRANSPORTS, minShareCount: 2, priority: 4 },
  // Recognises bundles, for the line about a bundle without the plugin and for the command line.
  { name: 'bundles', test: /[\\/]src[\\/]bundler[\\/](signs|parts)\.ts$/, minShareCount: 2, priority: 4 },
  { name: 'cli', test: /[\\/]src[\\/]cli[\\/]/, minShareCount: 2, priority: 3 },
  // What the command line and a configuration file share: an ordinary start does not load YAML.
  { name: 'yaml', test: /node_modules[\\/]yaml[\\/]/, priority: 3 },
  // Merges metrics of several threads or processes, and what the side port shares with its page.
  {
    name: 'fleet',
    test: /[\\/]src[\\/]((fleet|aggregation)[\\/](?!exemplar|series-limit)|sideport[\\/](exposition[\\/]exponential|send-text))/,
    minShareCount: 2,
    priority: 3,
  },
  { name: 'shared', minShareCount: 2 },
]
