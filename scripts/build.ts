/**
 * `npm run build`: the catalog, then `dist/`. All of OpenTelemetry and of third parties is inlined, in CommonJS chunks that
 * `src/base/chunks.ts` loads one by one: a module read from node_modules costs half a millisecond of the app's start, a bundled
 * one next to nothing.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { rolldown, type OutputOptions, type Plugin } from 'rolldown'
import { isolatedDeclarationSync } from 'rolldown/experimental'
import { EXEMPLAR_CHANGES } from './exemplar-changes.ts'
import { catalogSources, catalogText } from './catalog.ts'
import { licenses } from './licenses.ts'
import { optionsText } from './options.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const BUILTINS = [...builtinModules, ...builtinModules.map((name) => `node:${name}`), /^node:/]

/** One entry for each chunk of `src/base/chunks.ts` and for each script that another thread runs. */
const ENTRIES: Readonly<Record<string, string>> = {
  start: 'src/start.ts',
  zipkin: 'src/export/zipkin.ts',
  'span-encoder': 'src/export/span-encoder.ts',
  serialize: 'src/export/serialize.ts',
  redaction: 'src/privacy/redaction.ts',
  'winston-transport': 'node_modules/@opentelemetry/winston-transport/build/src/OpenTelemetryTransportV3.js',
  cloud: 'src/providers/cloud.ts',
  'cloud-worker': 'src/providers/cloud-worker.ts',
  views: 'src/sdk/views.ts',
  'console-logs': 'src/providers/console-logs.ts',
  'logger-provider': 'src/providers/logger-provider.ts',
  'parse-dot-env': 'src/settings/parse-dot-env.ts',
  'config-file': 'src/settings/declarative/translate.ts',
  'older-propagators': 'src/providers/older-propagators.ts',
  sampling: 'src/sampling/sampling.ts',
  'extra-hooks': 'src/hooks/extra.ts',
  'named-options': 'src/hooks/named-options.ts',
  'esm-hooks': 'src/hooks/esm.ts',
  'esm-hooks-thread': 'src/hooks/esm-thread.ts',
  'iitm-register': 'src/hooks/iitm-register.ts',
  'http2-server': 'src/instrumentation/http/http2-server.ts',
  measures: 'src/instrumentation/measures.ts',
  'start-in-thread': 'src/threads/start-in-thread.ts',
  'thread-host': 'src/threads/host.ts',
  'thread-metrics': 'src/threads/thread-metrics.ts',
  'thread-gathering': 'src/threads/thread-gathering.ts',
  settings: 'src/settings/read.ts',
  stages: 'src/start/stages.ts',
  'push-metrics': 'src/export/push-metrics.ts',
  'sideport-server': 'src/sideport/open.ts',
  'process-metrics': 'src/sideport/process-metrics.ts',
  fleet: 'src/fleet/fleet.ts',
  'fleet-snapshot': 'src/fleet/take-snapshot.ts',
  'fleet-holding': 'src/fleet/holding.ts',
  cli: 'src/cli/cli.ts',
  'cli-doctor': 'src/cli/doctor/doctor.ts',
  'cli-probe': 'src/cli/doctor/probe.ts',
  'cli-init': 'src/cli/init/init.ts',
  'cli-run': 'src/cli/run/run.ts',
  'cli-settings': 'src/cli/settings/settings.ts',
}

const INSTRUMENTATION = '\0instrumentation:'

/** Where we have a class of our own over an instrumentation's. */
const OURS: Readonly<Record<string, { readonly from: string; readonly className: string }>> = {
  http: { from: join(ROOT, 'src/instrumentation/http/http-server.ts'), className: 'MeasuringHttpInstrumentation' },
  undici: { from: join(ROOT, 'src/instrumentation/http/fetch.ts'), className: 'MeasuringUndiciInstrumentation' },
}

/** Virtual entries: a chunk for each instrumentation, which exports its class under one name. */
const instrumentationChunks: Plugin = {
  name: 'instrumentation-chunks',
  resolveId: (id) => (id.startsWith(INSTRUMENTATION) ? id : undefined),
  load(id) {
    if (!id.startsWith(INSTRUMENTATION)) return undefined
    const wanted = id.slice(INSTRUMENTATION.length)
    const source = OURS[wanted] ?? catalogSources().find(({ name }) => name === wanted)
    if (source === undefined) throw new Error(`no instrumentation ${id}`)
    return `export { ${source.className} as Instrumentation } from ${JSON.stringify(source.from)}`
  },
}

/** Files of dependencies that are to be changed: one that never comes would take its change with it unnoticed. */
const unchanged = new Set<string>()

function changed(file: string, change: (code: string) => string): Plugin {
  unchanged.add(file)
  return {
    name: `changed ${file}`,
    transform(code, id) {
      if (!id.endsWith(file)) return undefined
      unchanged.delete(file)
      return change(code)
    },
  }
}

/** Changes a line of a dependency, wherever it stands, on its way into the bundle; an error when it is no longer there. */
function replaced(file: string, from: string, to: string, imports = ''): Plugin {
  return changed(file, (code) => {
    if (!code.includes(from)) throw new Error(`${file} no longer has ${from}`)
    return imports + code.replaceAll(from, to)
  })
}

/**
 * A CommonJS dependency as the ES module it could be. Requiring OpenTelemetry's packages, it would bring their CommonJS
 * copies into the bundle beside the others: twice the code to compile at each start, and two hook registries.
 */
function asEsModule(file: string): Plugin {
  return changed(file, (code) => {
    const imports: string[] = []
    const body = code
      .replace(/^const ((?:\{[^}]*\}|\w+)) = require\(('[^']+')\)$/gm, (_, names: string, from: string) => {
        imports.push(`import ${names.replaceAll(':', ' as')} from ${from}`)
        return ''
      })
      .replace(/require\(('[^']+')\)\.(\w+)/g, (_, from: string, name: string) => {
        imports.push(`import { ${name} } from ${from}`)
        return name
      })
      .replace(/^module\.exports = \w+$/m, '')
      .replace(/^module\.exports\.(\w+) = \1$/m, 'export { $1 }')
    if (/\brequire\(|module\.exports/.test(body)) throw new Error(`${file} is written differently now`)
    return `${imports.join('\n')}\n${body}`
  })
}

/** The same for what TypeScript made of ES modules. One such file that requires the API has all of it wrapped in functions. */
function asWrittenInTypeScript(file: string): Plugin {
  return changed(file, (code) => {
    const names = new Set([...code.matchAll(/\bexports\.(\w+) = /g)].map(([, name = '']) => name))
    const body = code
      .replace('Object.defineProperty(exports, "__esModule", { value: true });', 'const exported = {};')
      .replace(/^const (\w+) = require\(("[^"]+")\);$/gm, (_, name: string, from: string) =>
        name.endsWith('_1') ? `import * as ${name} from ${from};` : `import ${name} from ${from};`,
      )
      .replaceAll(/\bexports\./g, 'exported.')
    if (/\brequire\(|\bexports\b/.test(body)) throw new Error(`${file} is written differently now`)
    const exports = [...names].map(
      (name) => `const exported_${name} = exported.${name};\nexport { exported_${name} as ${name} };`,
    )
    return [body, ...exports].join('\n')
  })
}

/** Metrics of kafkajs: how they are made, unit, description. */
const MESSAGING = [
  [
    'createHistogram(METRIC_MESSAGING_CLIENT_OPERATION_DURATION, {',
    's',
    'Duration of messaging operations of a producer or consumer.',
  ],
  ['createHistogram(METRIC_MESSAGING_PROCESS_DURATION, {', 's', 'Duration of processing messages.'],
  ['createCounter(METRIC_MESSAGING_CLIENT_SENT_MESSAGES)', '{message}', 'Messages that a producer tried to send.'],
  ['createCounter(METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES)', '{message}', 'Messages that were handed to the app.'],
] as const

const firstWordEnd = (statement: string): string => `${statement}.search(/\\W/)`
const WITHOUT_COMMENT = String.raw`?.replace(/^(?:[\s(]|\/\*[^]*?\*\/|--[^\n]*)+/, "")`
const EVENT_LOOP = JSON.stringify(join(ROOT, 'src/instrumentation/runtime/event-loop.ts'))

/** A module of a dependency whose place one of ours takes, with the same exports. */
function standsIn(file: string, ours: string): Plugin {
  unchanged.add(file)
  return {
    name: `${ours} for ${file}`,
    load(id) {
      if (!id.endsWith(file)) return undefined
      unchanged.delete(file)
      return `export * from ${JSON.stringify(join(ROOT, ours))}`
    },
  }
}

const CHANGES: readonly Plugin[] = [
  standsIn('@opentelemetry/api/dist/context/context.mjs', 'src/sdk/context.ts'),
  standsIn('@opentelemetry/sdk-trace/dist/TracerMetrics.mjs', 'src/sdk/tracer-metrics.ts'),
  // A value that is no object needs no set of the objects seen on the way into it: one for each attribute.
  replaced(
    '@opentelemetry/core/dist/common/attributes.mjs',
    'return isAnyValueInternal(val, /* @__PURE__ */ new WeakSet());',
    'return typeof val !== "object" || val === null ? isAnyValueInternal(val) : isAnyValueInternal(val, new WeakSet());',
  ),
  replaced(
    '@opentelemetry/core/dist/common/attributes.mjs',
    'for (const [key, val] of Object.entries(inAttributes)) {',
    'for (const key of Object.keys(inAttributes)) { const val = inAttributes[key];',
  ),
  // The attributes were cleaned for the sampler: once more only where it adds some or a limit is near.
  replaced(
    '@opentelemetry/sdk-trace/dist/Tracer.mjs',
    'const attrsData2 = cleanAttributes(',
    `const attrsData2 = samplingResult.attributes === undefined && this._spanLimits.attributeValueLengthLimit === Infinity
      && Object.keys(attributes).length <= this._spanLimits.attributeCountLimit ? { attributes } : cleanAttributes(`,
  ),
  // With the response, which tells what had been sent.
  ...['err', 'error'].map((name) =>
    replaced(
      'instrumentation-http/dist/http.mjs',
      `instrumentation._onServerResponseError(span, metricAttributes, startTime, ${name});`,
      `instrumentation._onServerResponseError(span, metricAttributes, startTime, ${name}, response);`,
    ),
  ),
  // The whole list for each request, where none is the same.
  replaced(
    'instrumentation-http/dist/http.mjs',
    'instrumentation.getConfig().redactedQueryParamsServer ?? Array.from(DEFAULT_QUERY_STRINGS_TO_REDACT)',
    'instrumentation.getConfig().redactedQueryParamsServer',
  ),
  // The parser of URLs costs more than all else that is read of a request, and most paths are as they are.
  replaced(
    'instrumentation-http/dist/utils.mjs',
    'const parsedUrl = getInfoFromIncomingMessage',
    'const parsedUrl = plainTarget(request.url) ?? getInfoFromIncomingMessage',
    `import { plainTarget } from ${JSON.stringify(join(ROOT, 'src/instrumentation/http/plain-target.ts'))}\n`,
  ),
  ...EXEMPLAR_CHANGES.map((change) => replaced(...change)),
  asEsModule('@fastify/otel/index.js'),
  // Its wrappers import its registry by URL; ours is a chunk that shares the state of the bundle.
  replaced(
    'import-in-the-middle/create-hook.mjs',
    "new URL('lib/register.js', meta.url)",
    "new URL('iitm-register.cjs', meta.url)",
  ),
  // Only its hooks thread needs the channel.
  replaced(
    'import-in-the-middle/index.js',
    "const { MessageChannel } = require('worker_threads')",
    "const MessageChannel = function () { return new (require('worker_threads').MessageChannel)() }",
  ),
  // It makes a server that is never started, which loads node:http into scripts that have no use for it.
  replaced(
    'exporter-prometheus/dist/PrometheusExporter.mjs',
    'this._server = createServer(this._requestHandler).unref();',
    '',
  ),
  replaced('exporter-prometheus/dist/PrometheusExporter.mjs', 'import { createServer } from "http";', ''),
  // Without unit and description, of which the conventions give both (messaging/messaging-metrics).
  ...MESSAGING.map(([made, unit, description]) =>
    replaced(
      'instrumentation-kafkajs/dist/instrumentation.mjs',
      made,
      made.endsWith(')')
        ? `${made.slice(0, -1)}, ${JSON.stringify({ unit, description })})`
        : `${made} unit: ${JSON.stringify(unit)}, description: ${JSON.stringify(description)},`,
    ),
  ),
  // A span's name and a metric's label are a statement up to its first space, which may be far behind its first value.
  ...['mysql', 'mysql2'].flatMap((name) => [
    replaced(`instrumentation-${name}/dist/utils.mjs`, 'rawQuery?.indexOf(" ")', firstWordEnd('rawQuery?')),
    replaced(
      `instrumentation-${name}/dist/utils.mjs`,
      '? query.sql : query;',
      `? query.sql : query)${WITHOUT_COMMENT};`,
    ),
    replaced(`instrumentation-${name}/dist/utils.mjs`, 'rawQuery = typeof', 'rawQuery = (typeof'),
  ]),
  replaced(
    'instrumentation-oracledb/dist/OracleTelemetryTraceHandler.mjs',
    'if (code === 32 || code >= 9 && code <= 13) {',
    'if (!/\\w/.test(trimmed[i])) {',
  ),
  replaced(
    'instrumentation-oracledb/dist/OracleTelemetryTraceHandler.mjs',
    'statement.trim()',
    `statement${WITHOUT_COMMENT.slice(1)}`,
  ),
  replaced('instrumentation-pg/dist/utils.mjs', 'trimmedQuery.indexOf(" ")', firstWordEnd('trimmedQuery')),
  replaced('instrumentation-pg/dist/utils.mjs', 'queryText.trim()', `queryText${WITHOUT_COMMENT.slice(1)}`),
  // Streams as an app of ten years ago wanted them, and a transport that winston 2 wanted.
  replaced(
    'winston-transport/modern.js',
    "require('readable-stream/lib/_stream_writable.js')",
    "require('node:stream').Writable",
  ),
  replaced('winston-transport/index.js', "module.exports.LegacyTransportStream = require('./legacy');", ''),
  ...['OpenTelemetryTransportV3', 'utils', 'version'].map((name) =>
    asWrittenInTypeScript(`@opentelemetry/winston-transport/build/src/${name}.js`),
  ),
  // Which no app has installed; a chunk of its own, since log records are sent by few.
  replaced(
    'instrumentation-winston/dist/instrumentation.mjs',
    '__require("@opentelemetry/winston-transport")',
    '__require("./winston-transport.cjs")',
  ),
  // A comment of a query is as much the user's as a value.
  replaced('instrumentation-graphql/dist/utils.mjs', 'KindsToBeRemoved = [', 'KindsToBeRemoved = ["Comment", '),
  // It requires a dependency from ESM, which a bundler leaves outside; an import brings it in.
  replaced(
    'instrumentation-http/dist/utils.mjs',
    '__require("forwarded-parse")',
    'forwardedParseModule',
    'import forwardedParseModule from "forwarded-parse"\n',
  ),
  // These do not say which error it was.
  replaced(
    'instrumentation-mysql/dist/instrumentation.mjs',
    'if (err) span.setStatus({',
    'if (err) span.setAttribute("error.type", String(err.code ?? err.name)).setStatus({',
  ),
  replaced(
    'instrumentation-mysql/dist/instrumentation.mjs',
    '(err) => span.setStatus({',
    '(err) => span.setAttribute("error.type", String(err.code ?? err.name)).setStatus({',
  ),
  replaced(
    'instrumentation-mongodb/dist/instrumentation.mjs',
    'span.setStatus({',
    'span.setAttribute("error.type", String(error.codeName ?? error.code ?? error.name)).setStatus({',
  ),
  replaced(
    'instrumentation-mysql2/dist/instrumentation.mjs',
    'if (err) span.setStatus({',
    'if (err) span.setAttribute("error.type", String(err.code ?? err.name)).setStatus({',
  ),
  // Its collectors of the event loop take away what they have told: two scrapers would steal from each other.
  replaced(
    'instrumentation-runtime-node/dist/instrumentation.mjs',
    'import { EventLoopUtilizationCollector } from "./metrics/eventLoopUtilizationCollector.mjs";',
    `import { EventLoopDelayCollector, EventLoopUtilizationCollector } from ${EVENT_LOOP};`,
  ),
  replaced(
    'instrumentation-runtime-node/dist/instrumentation.mjs',
    'import { EventLoopDelayCollector } from "./metrics/eventLoopDelayCollector.mjs";',
    '',
  ),
  replaced('instrumentation-runtime-node/dist/instrumentation.mjs', 'monitoringPrecision: 10,', ''),
]

/** The hook registries have a state and must exist once. */
const INSTRUMENTATION_BASE =
  /@opentelemetry[\\/]instrumentation[\\/]|[\\/]src[\\/]hooks[\\/](require-hook|packages)\.ts|module-details-from-path|import-in-the-middle[\\/](index|lib[\\/]register)\.js/

/** What a process loads that stays out, in one file: nothing of OpenTelemetry. */
const BASE =
  /[\\/]src[\\/](base[\\/]\w[\w-]*|hooks[\\/]package-names|instrumentation[\\/]measured|sampling[\\/]samples-on-its-own|threads[\\/]link|settings[\\/](declared-metrics|environment|service-label|switches))\.ts$/

/** API and SDK, with what asks of them or is asked by them, so that the export worker's thread, which shares other files of ours, loads none of it. */
const SDK =
  /@opentelemetry[\\/](api[\\/]|core|sdk-|resources|semantic|propagator-aws)|[\\/]src[\\/](sdk[\\/](context|collect-now|untraced)|aggregation[\\/]turns|sideport[\\/]made-metrics)\.ts$/

const OUTPUT: OutputOptions = {
  dir: DIST,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'shared-[name].cjs',
  // Readable in a stack trace, and node's lexer finds the names that an `import` of a chunk asks for.
  minify: false,
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: {
    groups: [
      { name: 'base', test: BASE, priority: 9 },
      { name: 'sdk', test: SDK, minShareCount: 2, priority: 8 },
      { name: 'instrumentation', test: INSTRUMENTATION_BASE, priority: 7 },
      // Wrapping ES modules, here or in node's hooks thread.
      { name: 'esm', test: /import-in-the-middle|module-lexer|esm-matcher/, priority: 6 },
      { name: 'sql', test: /sql-common|redis-common/, priority: 4 },
      // What the commands share: the preload loads nothing of it.
      { name: 'cli', test: /[\\/]src[\\/]cli[\\/]/, minShareCount: 2, priority: 3 },
      // What the command line and a configuration file share: no start of an app reads YAML.
      { name: 'yaml', test: /node_modules[\\/]yaml[\\/]/, priority: 3 },
      // Metrics of several threads or processes: most have one.
      {
        name: 'fleet',
        test: /[\\/]src[\\/](fleet|aggregation)[\\/](?!exemplar|series-limit)/,
        minShareCount: 2,
        priority: 3,
      },
      { name: 'shared', minShareCount: 2 },
    ],
  },
}

async function bundle(
  input: Record<string, string>,
  external: (string | RegExp)[],
  output: OutputOptions = OUTPUT,
): Promise<Set<string>> {
  const build = await rolldown({
    cwd: ROOT,
    input,
    platform: 'node',
    external,
    // One format: the ESM and CommonJS copies of @opentelemetry/instrumentation have a hook registry each.
    resolve: {
      conditionNames: ['node', 'import', 'default'],
      alias: {
        'require-in-the-middle': join(ROOT, 'src/hooks/require-hook.ts'),
        // What the logs' API was before it became a part of the API.
        '@opentelemetry/api-logs': join(ROOT, 'node_modules/@opentelemetry/api/dist/index.mjs'),
        // Its main file is UMD, whose `require` a bundler does not see.
        'jsonc-parser': join(ROOT, 'node_modules/jsonc-parser/lib/esm/main.js'),
      },
    },
    plugins: [instrumentationChunks, ...CHANGES],
    onLog(level, log, handler) {
      if (log.code !== 'EVAL' && log.code !== 'CIRCULAR_DEPENDENCY') handler(level, log)
    },
  })
  const written = await build.write(output)
  await build.close()
  return new Set(written.output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])))
}

const GENERATED = { 'src/hooks/catalog.generated.ts': catalogText, 'src/hooks/options.generated.ts': optionsText }
for (const [file, text] of Object.entries(GENERATED)) writeFileSync(join(ROOT, file), text())
execFileSync(join(ROOT, 'node_modules/.bin/oxfmt'), Object.keys(GENERATED), { cwd: ROOT, stdio: 'ignore' })

rmSync(DIST, { recursive: true, force: true })
const instrumentations = catalogSources().map(({ name }) => [`instrumentation-${name}`, INSTRUMENTATION + name])
const inlined = await bundle({ ...ENTRIES, ...Object.fromEntries(instrumentations) }, BUILTINS)
if (unchanged.size > 0) throw new Error(`not in the bundle any more: ${[...unchanged].join(', ')}`)
// The public API shares `@opentelemetry/api` with the app: the one dependency that stays outside.
const shared = await bundle({ index: 'src/index.ts' }, [...BUILTINS, '@opentelemetry/api'])
// In one file: a process that ends may wait for it.
const worker = await bundle({ 'export-worker': 'src/export/worker.ts' }, BUILTINS, { ...OUTPUT, codeSplitting: false })
writeFileSync(join(DIST, 'THIRD_PARTY_LICENSES'), licenses(new Set([...inlined, ...shared, ...worker])))

// What `paxx-obs init` copies into a project.
for (const file of ['prometheus/rules.yml', 'grafana/obs.json', 'compose/grafana/provisioning']) {
  cpSync(join(ROOT, 'deploy', file), join(DIST, 'deploy', file), { recursive: true })
}

writeFileSync(join(DIST, 'index.d.cts'), declarationsOf('src/index.ts'))

/** The public API is one file with explicit types, so its declarations need no type checker. */
function declarationsOf(file: string): string {
  const { code, errors } = isolatedDeclarationSync(file, readFileSync(join(ROOT, file), 'utf8'))
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '))
  return code
}
