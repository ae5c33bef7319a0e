/**
 * `npm run build`: generates the catalog, then bundles `dist/`. OpenTelemetry and all third-party packages are inlined
 * into CommonJS chunks, which `src/base/chunks.ts` lists and loads on demand: a module from node_modules adds half a
 * millisecond to the app's start, a bundled one next to nothing. `--without NAME` leaves out a patch of a dependency
 * (`scripts/unpatched.ts`).
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rolldown, type OutputOptions } from 'rolldown'
import { isolatedDeclarationSync } from 'rolldown/experimental'
import { CHUNKS, SCRIPTS } from '../src/base/chunks.ts'
import { catalogText, watchedText } from './catalog.ts'
import { checkChunkCalls } from './chunk-calls.ts'
import { CHUNK_GROUPS } from './chunk-groups.ts'
import { instrumentationChunks, instrumentationEntries } from './instrumentation-chunks.ts'
import { FILE_NAMES, finishFirstFile, runtimeWhereUsed } from './first-file.ts'
import { licenses } from './licenses.ts'
import { recordModules, writeModules } from './modules.ts'
import { optionsText } from './instrumentation-options.ts'
import { buildPage } from './build-page.ts'
import { minifyChunks } from './minified.ts'
import { patched } from './patched.ts'
import { INJECTED, initializedOnce } from './substitute-primordials.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const BUILTINS = [...builtinModules, ...builtinModules.map((name) => `node:${name}`), /^node:/]

/** Generated before bundling, since sources import these files. */
const GENERATED = {
  'src/hooks/catalog.generated.ts': catalogText,
  'src/hooks/watched.generated.ts': watchedText,
  'src/hooks/options.generated.ts': optionsText,
}

/** Files that `paxx-obs init` copies into a project. */
const DEPLOY_FILES = ['prometheus/rules.yml', 'grafana/obs.json', 'compose/grafana/provisioning']

const OUTPUT: OutputOptions = {
  dir: DIST,
  format: 'cjs',
  ...FILE_NAMES,
  // The sources are modules, which are strict: otherwise a wrapper would turn a missing `this` into `globalThis`.
  strict: true,
  // Keeps stack traces readable, and export names visible to Node's lexer.
  minify: false,
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: { groups: CHUNK_GROUPS },
}

const { values: options } = parseArgs({ options: { without: { type: 'string' } } })
const patches = patched(options.without)

async function bundle(
  input: Record<string, string>,
  external: (string | RegExp)[],
  output: OutputOptions = OUTPUT,
  define: Record<string, string> = {},
): Promise<Set<string>> {
  const build = await rolldown({
    cwd: ROOT,
    input,
    platform: 'node',
    external,
    // One format only: the ESM and CommonJS copies of @opentelemetry/instrumentation each have their own hook registry.
    resolve: {
      conditionNames: ['node', 'import', 'default'],
      alias: {
        'require-in-the-middle': join(ROOT, 'src/hooks/require-hook.ts'),
        'node-fetch': join(ROOT, 'src/providers/node-fetch.ts'),
        // The package of the logs API before it became part of the API.
        '@opentelemetry/api-logs': join(ROOT, 'node_modules/@opentelemetry/api/dist/index.mjs'),
        // Its main file is UMD, whose `require` the bundler does not see.
        'jsonc-parser': join(ROOT, 'node_modules/jsonc-parser/lib/esm/main.js'),
      },
    },
    transform: { inject: INJECTED, define },
    plugins: [instrumentationChunks, patches.plugin, initializedOnce, runtimeWhereUsed],
    onLog(level, log, handler) {
      if (log.code !== 'EVAL' && log.code !== 'CIRCULAR_DEPENDENCY') handler(level, log)
    },
  })
  const written = await build.write(output)
  await build.close()
  const chunks = written.output.filter((chunk) => chunk.type === 'chunk')
  minifyChunks(DIST, chunks)
  recordModules(chunks)
  return new Set(chunks.flatMap(({ moduleIds }) => moduleIds))
}

/** The public API is one file with explicit types, so its declarations are generated without a type checker. */
function declarationsOf(file: string): string {
  const { code, errors } = isolatedDeclarationSync(file, readFileSync(join(ROOT, file), 'utf8'))
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '))
  return code
}

/** Returns a hash that identifies a build. */
function contentOf(folder: string): string {
  const hash = createHash('sha256')
  for (const file of globSync('*.cjs', { cwd: folder }).toSorted()) hash.update(readFileSync(join(folder, file)))
  return hash.digest('hex').slice(0, 16)
}

checkChunkCalls()
for (const [file, text] of Object.entries(GENERATED)) writeFileSync(join(ROOT, file), text())
execFileSync(join(ROOT, 'node_modules/.bin/oxfmt'), Object.keys(GENERATED), { cwd: ROOT, stdio: 'ignore' })

rmSync(DIST, { recursive: true, force: true })
const inlined = await bundle({ ...CHUNKS, ...SCRIPTS, ...instrumentationEntries() }, BUILTINS)
if (patches.notMet.size > 0) throw new Error(`patched, but not in the bundle: ${[...patches.notMet].join(', ')}`)
finishFirstFile(DIST)
// The public API shares `@opentelemetry/api` with the app; it is the only dependency that is not inlined.
const shared = await bundle({ index: 'src/index.ts' }, [...BUILTINS, '@opentelemetry/api'], {
  ...OUTPUT,
  codeSplitting: false,
})
// One file, because a process that exits may have to wait for it.
const worker = await bundle({ 'export-worker': 'src/export/worker.ts' }, BUILTINS, { ...OUTPUT, codeSplitting: false })
// Loaded by bundlers. It is built separately, so that it does not split the chunks of a start.
const plugin = await bundle({ bundler: 'src/bundler/bundler.ts' }, BUILTINS, { ...OUTPUT, codeSplitting: false })
const loader = await bundle({ 'bundler-webpack-loader': 'src/bundler/webpack-loader.ts' }, BUILTINS, {
  ...OUTPUT,
  codeSplitting: false,
})
// Built last, because it contains the hash of all other files.
await bundle(
  { loader: 'src/loader/loader.ts' },
  BUILTINS,
  { ...OUTPUT, codeSplitting: false },
  { BUILD_ID: JSON.stringify(contentOf(DIST)) },
)
const page = await buildPage(join(DIST, 'page'))
writeFileSync(
  join(DIST, 'THIRD_PARTY_LICENSES'),
  licenses(new Set([...inlined, ...shared, ...worker, ...plugin, ...loader, ...page])),
)
for (const file of DEPLOY_FILES) {
  cpSync(join(ROOT, 'deploy', file), join(DIST, 'deploy', file), { recursive: true })
}
writeFileSync(join(DIST, 'index.d.cts'), declarationsOf('src/index.ts'))
writeFileSync(join(DIST, 'bundler.d.cts'), declarationsOf('src/bundler/bundler.ts'))
writeModules()
