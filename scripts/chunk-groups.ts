import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputOptions } from 'rolldown'

type CodeSplitting = Exclude<OutputOptions['codeSplitting'], boolean | undefined>
type CodeSplittingGroup = NonNullable<CodeSplitting['groups']>[number]

const SRC = join(import.meta.dirname, '../src')
const SEPARATOR = String.raw`[\\/]`

/** Returns an expression that matches whatever one of the `parts` matches. */
function anyOf(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join('|'))
}

/** Returns the part of an expression that matches a path, written with slashes, in which names are expressions. */
function path(text: string): string {
  return text.replaceAll('/', SEPARATOR)
}

/** Returns the part that matches these files of a folder in `src/`. Throws if one of them does not exist. */
function files(folder: string, names: string): string {
  const listed = names.split(/\s+/)
  const missing = listed.filter((name) => !existsSync(join(SRC, folder, `${name}.ts`)))
  if (missing.length > 0) throw new Error(`src/${folder} has no ${missing.join(', ')}`)
  const escaped = listed.map((name) => name.replaceAll('.', String.raw`\.`))
  return `${path(`/src/${folder === '' ? '' : `${folder}/`}`)}(?:${escaped.join('|')})\\.ts$`
}

/** The files of `src/base` that few processes load. */
const BASE_ON_DEMAND = 'guard host load-operation-metrics'

/** What `src/start.ts` imports, and nothing else of `src/base`. */
const BASE = anyOf(
  files(
    'base',
    `chunks credentials-in-text diag environment facts first-fetch first-use follow-links glob guardrails
    inherited-preload invocation lambda-environment package-names plug-n-play pm2-worker primordials regular-file
    required shown-url single-executable startup-snapshot stand-in stderr switches thread-link variable`,
  ),
  files('', 'start'),
  files('start', 'after-the-app-started decide outline plain-environment'),
  files('hooks', 'watched.generated'),
  files('lifecycle', 'exit'),
)

/** The rest of `src/base`, and which packages are instrumented. */
const COMMON = anyOf(
  path(`/src/base/(?!grpc-|(?:${BASE_ON_DEMAND.replaceAll(' ', '|')})\\.)`),
  files('hooks', 'catalog.generated off-by-default pending-packages selection'),
)

/** Some parts of the hook registries have state and must exist once. */
const HOOK_REGISTRIES = anyOf(
  path('@opentelemetry/instrumentation/'),
  'module-details-from-path',
  path(String.raw`import-in-the-middle/(?:index|lib/register)\.js`),
  files('hooks', 'require-hook wrapper-marks'),
  files('instrumentation', 'patched-file wrap resemble stack-room'),
)

/** API, propagation and what instrumentations use of an SDK before the first span: every start needs all of it. */
const API = anyOf(
  path(String.raw`@opentelemetry/(?:api/|semantic|sdk-trace/dist/Sampler\.)`),
  path('@opentelemetry/core/dist/(?:index|baggage|propagation|trace|internal/validators)'),
  files(
    'sdk',
    `api-version awaited-instrument awaited-meter awaited-providers context context-manager deferred-span
    deferred-tracer enter-context forgiving-spans global-registry identity-of own-attribute quiet-span random-ids
    span-identity span-routes switching-provider unrecorded-span untraced`,
  ),
  files('hooks', 'bundled guarded-patch'),
  files('base', BASE_ON_DEMAND),
  files('instrumentation', 'guarded-channel'),
  files('sampling', 'ignore-rules'),
  files('threads', 'histograms'),
)

/** The rest of the SDK, as far as later chunks share it: it is loaded for the first span or measurement. */
const SDK = anyOf(
  path('@opentelemetry/(?:core|sdk-|resources)'),
  path('/src/sdk/'),
  files('aggregation', 'exemplar series-limit'),
  files('export', 'hints rate-limited-log worker-messages ledger cut-span'),
)

/** The transports, which run in the export worker and are loaded in the app's thread only without a worker. */
const TRANSPORTS = anyOf(
  path(String.raw`/src/export/grpc-[\w-]+\.ts$`),
  files(
    'export',
    `http-transport redact-sent transport transport-for host-lookup handle-refs informational client-tls
    protobuf-fields openssl-reason partial-success retry-info gzip`,
  ),
)

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
    test: anyOf(path('/src/base/grpc-'), files('instrumentation/http', 'session-peer http2-owners')),
    minShareCount: 2,
    priority: 8,
  },
  { name: 'api', test: API, minShareCount: 2, priority: 9 },
  { name: 'sdk', test: SDK, minShareCount: 2, priority: 8 },
  // The X-Ray propagator, for services that enable it, and for AWS Lambda.
  { name: 'xray', test: anyOf(path('@opentelemetry/propagator-aws')), minShareCount: 2, priority: 8 },
  { name: 'instrumentation', test: HOOK_REGISTRIES, priority: 7 },
  // Wraps ES modules, here or in Node's hooks thread.
  {
    name: 'esm',
    test: anyOf('import-in-the-middle', 'module-lexer', files('hooks', 'esm esm-matcher wrapping')),
    priority: 6,
  },
  { name: 'sql', test: anyOf('sql-common', 'redis-common', files('privacy', 'redis-sanitizer')), priority: 4 },
  { name: 'http', test: anyOf(path('/src/instrumentation/http/')), minShareCount: 2, priority: 4 },
  // What the routers of frameworks share, so that a server without a framework does not load it.
  {
    name: 'frameworks',
    test: anyOf(path('/src/instrumentation/frameworks/')),
    minShareCount: 2,
    priority: 3,
  },
  // What gRPC and Connect share, which servers with a framework do not load.
  { name: 'rpc', test: anyOf(path('/src/instrumentation/(?:rpc|graphql)/')), minShareCount: 2, priority: 3 },
  // What clients of databases and queues share.
  {
    name: 'operations',
    test: anyOf(path('/src/instrumentation/(?:operations|pools)/'), files('instrumentation', 'copied')),
    minShareCount: 2,
    priority: 4,
  },
  // Handles batches that are too large, for the export without a worker and for the page's buffer.
  {
    name: 'splitting',
    test: anyOf(files('export', 'split-body protobuf-frames')),
    minShareCount: 2,
    priority: 4,
  },
  { name: 'transports', test: TRANSPORTS, minShareCount: 2, priority: 4 },
  // Recognises bundles, for the line about a bundle without the plugin and for the command line.
  { name: 'bundles', test: anyOf(files('bundler', 'signs parts')), minShareCount: 2, priority: 4 },
  { name: 'cli', test: anyOf(path('/src/cli/')), minShareCount: 2, priority: 3 },
  // What the command line and a configuration file share: an ordinary start does not load YAML.
  { name: 'yaml', test: anyOf(path('node_modules/yaml/')), priority: 3 },
  // Merges metrics of several threads or processes, and what the side port shares with its page.
  {
    name: 'fleet',
    test: anyOf(
      path('/src/(?:fleet|aggregation)/(?!exemplar|series-limit)'),
      files('sideport', 'send-text'),
      files('sideport/exposition', 'exponential'),
    ),
    minShareCount: 2,
    priority: 3,
  },
  { name: 'shared', minShareCount: 2 },
]
