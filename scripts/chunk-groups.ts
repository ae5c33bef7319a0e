import type { OutputOptions } from 'rolldown'

type CodeSplitting = Exclude<OutputOptions['codeSplitting'], boolean | undefined>
type CodeSplittingGroup = NonNullable<CodeSplitting['groups']>[number]

/** Parts of the hook registries have a state and must exist once. */
const HOOK_REGISTRIES =
  /@opentelemetry[\\/]instrumentation[\\/]|[\\/]src[\\/](hooks[\\/](require-hook|packages|wrapper-marks)|instrumentation[\\/](wrap|resemble))\.ts|module-details-from-path|import-in-the-middle[\\/](index|lib[\\/]register)\.js/

/** API and SDK, and what the stages of a start share with late chunks: every start needs all of it. */
const SDK =
  /@opentelemetry[\\/](api[\\/]|core|sdk-|resources|semantic)|[\\/]src[\\/](sdk[\\/]|aggregation[\\/](exemplar|series-limit)\.ts|export[\\/](hints|rate-limited-log|messages|ledger|cut-span)\.ts|hooks[\\/](bundled|guarded-patch)\.ts|instrumentation[\\/]guarded-channel\.ts|sampling[\\/]ignore-rules\.ts|threads[\\/]histograms\.ts)/

/** The ways to a collector, which run in the export worker and are loaded in the app's thread only where there is no worker. */
const TRANSPORTS =
  /[\\/]src[\\/]export[\\/](grpc-[\w-]+|http-transport|redact-sent|transport(-for)?|addresses|handle-refs|tls|protobuf|openssl-reason|partial-success|retry-info|gzip)\.ts$/

/**
 * How modules that several chunks share are grouped into files. Groups are folders of `src/`, so that moving a file within
 * its folder cannot change what a start loads; `test/e2e/start-size.test.ts` bounds that.
 */
export const CHUNK_GROUPS: CodeSplittingGroup[] = [
  // All that a process loads that stays out: nothing of OpenTelemetry is in it.
  { name: 'base', test: /[\\/]src[\\/]base[\\/](?!grpc-)/, priority: 9 },
  // What gRPC's transports and instrumentations share with each other: few apps speak either.
  {
    name: 'grpc',
    test: /[\\/]src[\\/](base[\\/]grpc-|instrumentation[\\/]http[\\/]session-peer)/,
    minShareCount: 2,
    priority: 8,
  },
  { name: 'sdk', test: SDK, minShareCount: 2, priority: 8 },
  // Few services carry X-Ray's header: the propagator that asks for it, and AWS Lambda.
  { name: 'xray', test: /@opentelemetry[\\/]propagator-aws/, minShareCount: 2, priority: 8 },
  { name: 'instrumentation', test: HOOK_REGISTRIES, priority: 7 },
  // Wrapping ES modules, here or in Node's hooks thread.
  {
    name: 'esm',
    test: /import-in-the-middle|module-lexer|[\\/]src[\\/]hooks[\\/](esm|esm-matcher|wrapping)\.ts$/,
    priority: 6,
  },
  { name: 'sql', test: /sql-common|redis-common|[\\/]src[\\/]privacy[\\/]redis\.ts/, priority: 4 },
  { name: 'http', test: /[\\/]src[\\/]instrumentation[\\/]http[\\/]/, minShareCount: 2, priority: 4 },
  // What the routers of frameworks share: a server without one reads none of it.
  {
    name: 'frameworks',
    test: /[\\/]src[\\/]instrumentation[\\/](frameworks|rpc|graphql)[\\/]/,
    minShareCount: 2,
    priority: 3,
  },
  // What clients of databases and queues share.
  {
    name: 'operations',
    test: /[\\/]src[\\/]instrumentation[\\/]((operations|pools)[\\/]|copied\.ts)/,
    minShareCount: 2,
    priority: 4,
  },
  // Batches that are too large: for the export without a worker, and for what the page keeps.
  {
    name: 'splitting',
    test: /[\\/]src[\\/]export[\\/](split-body|protobuf-frames)\.ts$/,
    minShareCount: 2,
    priority: 4,
  },
  { name: 'transports', test: TRANSPORTS, minShareCount: 2, priority: 4 },
  // What tells bundles apart: for the line about one without the plugin, and for the command line.
  { name: 'bundles', test: /[\\/]src[\\/]bundler[\\/](signs|parts)\.ts$/, minShareCount: 2, priority: 4 },
  { name: 'cli', test: /[\\/]src[\\/]cli[\\/]/, minShareCount: 2, priority: 3 },
  // What the command line and a configuration file share: no start of an app reads YAML.
  { name: 'yaml', test: /node_modules[\\/]yaml[\\/]/, priority: 3 },
  // Metrics of several threads or processes, and what the side port shares with its page.
  {
    name: 'fleet',
    test: /[\\/]src[\\/]((fleet|aggregation)[\\/](?!exemplar|series-limit)|sideport[\\/](exposition[\\/]exponential|send-text))/,
    minShareCount: 2,
    priority: 3,
  },
  { name: 'shared', minShareCount: 2 },
]
