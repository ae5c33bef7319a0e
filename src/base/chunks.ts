/**
 * The registry of chunks: each row is an entry of the build with its own file in `dist/`, so that a process loads only
 * the parts that it uses. `scripts/build.ts` and `knip.ts` read it; chunks are listed nowhere else.
 */

/** The chunks for `load()`: name and entry file. */
export const CHUNKS = {
  zipkin: 'src/export/zipkin.ts',
  'app-thread-export': 'src/export/app-thread.ts',
  'span-encoder': 'src/export/span-encoder.ts',
  rebatcher: 'src/export/rebatcher.ts',
  serialize: 'src/export/serialize.ts',
  'split-body': 'src/export/split-body.ts',
  redaction: 'src/privacy/redaction.ts',
  'linear-expression': 'src/privacy/linear-expression.ts',
  cloud: 'src/providers/cloud.ts',
  views: 'src/sdk/views.ts',
  'exponential-histogram': 'src/sdk/exponential-histogram.ts',
  'console-export': 'src/export/console.ts',
  'api-version': 'src/sdk/api-version.ts',
  'followed-manager': 'src/sdk/followed-manager.ts',
  'console-logs': 'src/providers/console-logs.ts',
  'logger-provider': 'src/providers/logger-provider.ts',
  'parse-dot-env': 'src/settings/parse-dot-env.ts',
  'config-file': 'src/settings/declarative/translate.ts',
  'older-propagators': 'src/providers/older-propagators.ts',
  'vendor-propagators': 'src/providers/vendor-propagators.ts',
  sampling: 'src/sampling/sampling.ts',
  'extra-hooks': 'src/hooks/extra.ts',
  'named-options': 'src/hooks/named-options.ts',
  'esm-hooks': 'src/hooks/esm.ts',
  'writable-exports': 'src/hooks/writable-exports.ts',
  'http2-client': 'src/instrumentation/http/client-http2.ts',
  'http2-server': 'src/instrumentation/http/http2-server.ts',
  'operation-metrics': 'src/instrumentation/operations/operation-metrics.ts',
  scopes: 'src/instrumentation/frameworks/scopes.ts',
  'start-in-thread': 'src/threads/start-in-thread.ts',
  'thread-telemetry': 'src/threads/thread-telemetry.ts',
  'thread-host': 'src/threads/thread-host.ts',
  'worker-elsewhere': 'src/threads/worker-elsewhere.ts',
  'thread-metrics': 'src/threads/thread-metrics.ts',
  'thread-aggregation': 'src/threads/thread-aggregation.ts',
  settings: 'src/settings/read.ts',
  watched: 'src/start/watched.ts',
  stages: 'src/start/stages.ts',
  'sdk-stages': 'src/start/sdk-stages.ts',
  'push-metrics': 'src/export/push-metrics.ts',
  'unmarked-bundle': 'src/start/unmarked-bundle.ts',
  'sideport-server': 'src/sideport/open.ts',
  'sideport-auth': 'src/sideport/auth.ts',
  page: 'src/sideport/page.ts',
  printing: 'src/export/printing.ts',
  'process-metrics': 'src/sideport/process-metrics.ts',
  fleet: 'src/fleet/fleet.ts',
  'fleet-snapshot': 'src/fleet/take-snapshot.ts',
  'fleet-leader': 'src/fleet/leader.ts',
  'fleet-key': 'src/fleet/user-key.ts',
  'cli-doctor': 'src/cli/doctor/doctor.ts',
  'cli-init': 'src/cli/init/init.ts',
  'cli-run': 'src/cli/run/run.ts',
  'cli-settings': 'src/cli/settings/print-settings.ts',
  'cli-warm': 'src/cli/warm/warm.ts',
} as const

/**
 * The chunks that are not loaded by `load()`: entries of `register/`, scripts of other threads and processes, and files
 * that dependencies require.
 */
export const SCRIPTS = {
  start: 'src/start.ts',
  'winston-transport': 'node_modules/@opentelemetry/winston-transport/build/src/OpenTelemetryTransportV3.js',
  'cloud-worker': 'src/providers/cloud-worker.ts',
  'esm-hooks-thread': 'src/hooks/esm-thread.ts',
  'iitm-register': 'src/hooks/iitm-register.ts',
  cli: 'src/cli/cli.ts',
  'cli-probe': 'src/cli/doctor/probe.ts',
} as const

/** The loader is built separately, because it contains the hash of all other files. */
const LOADER = 'loader'

let requireChunk: (file: string) => unknown = (file) => require(`./${file}`) as unknown
let aroundLoading: <Loaded>(load: () => Loaded) => Loaded = (load) => load()

/** Loads further chunks with the code that was compiled at an earlier start. The loader itself is loaded with the first. */
export function loadCompiled(env: Readonly<Record<string, string | undefined>>): CompiledCode {
  let loader: import('../loader/loader.ts').Loader | undefined
  requireChunk = (file) => {
    loader ??= (require(`./${LOADER}.cjs`) as typeof import('../loader/loader.ts')).createLoader(env)
    return loader.load(file)
  }
  return { isKept: () => loader?.isKept() ?? true, keep: () => loader?.keep() }
}

/** The compiled code of this package's own files (`loader/`). */
export interface CompiledCode {
  /** Returns whether the cache already has everything that was loaded. */
  readonly isKept: () => boolean
  /** Caches what was compiled for the next start. Never throws. */
  readonly keep: () => void
}

/** Loads further chunks inside `around`, so that our file reads are not traced when those of the app are. */
export function loadWithin(around: typeof aroundLoading): void {
  aroundLoading = around
}

/**
 * Loads a chunk synchronously, since a preload and a resolve hook cannot await an `import()`. The caller states the
 * chunk's type, so that this file depends on no other: `load<typeof import('../export/zipkin.ts')>('zipkin')`. The
 * build fails when type and name do not agree.
 */
export function load<Chunk = never>(name: keyof typeof CHUNKS): Chunk {
  return aroundLoading(() => requireChunk(`${name}.cjs`) as Chunk)
}

/** The exports of a chunk `instrumentation-<name>` that is generated from the catalog. */
interface InstrumentationChunk {
  readonly Instrumentation: new (config: object) => unknown
  /** The descriptor of the library, when it is a client that has one. */
  readonly client?: import('../instrumentation/operations/client.ts').Client
}

export function loadInstrumentation(name: string): InstrumentationChunk {
  return aroundLoading(() => requireChunk(`instrumentation-${name}.cjs`) as InstrumentationChunk)
}
