/**
 * Writes `src/hooks/catalog.generated.ts` from the module definitions of every instrumentation in
 * `@opentelemetry/auto-instrumentations-node` and of our own: which packages and builtins each one patches, in which
 * versions, and which of their inner files.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { OWN_INSTRUMENTATIONS } from './own-instrumentations.ts'
import { CLIENTS } from './client-descriptors.ts'
import { OFF_BY_DEFAULT } from '../src/hooks/off-by-default.ts'
import { WIDER_VERSIONS } from '../src/hooks/wider-versions.ts'

const require = createRequire(import.meta.url)

interface ModuleDefinition {
  readonly name: string
  readonly supportedVersions: readonly string[]
  readonly files: readonly { readonly name: string; readonly supportedVersions: readonly string[] }[]
}

export interface CatalogSource {
  /** Short name, as in `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. */
  readonly name: string
  /**
   * The npm package, or the file of an instrumentation of ours, and the exported class; undefined for a client with
   * hooks (src/instrumentation/clients/).
   */
  readonly from?: string
  readonly className?: string
}

/**
 * Returns upstream's set, read from the imports of the file that builds it, with our instrumentations in place of those
 * they replace.
 */
export function catalogSources(): CatalogSource[] {
  const file = require.resolve('@opentelemetry/auto-instrumentations-node').replace(/index\.cjs$/, 'utils.mjs')
  const imports = readFileSync(file, 'utf8').matchAll(
    /import \{ (\w+) \} from "(@opentelemetry\/instrumentation-([\w.-]+))"/g,
  )
  const upstream = [...imports].map(([, className = '', from = '', name = '']) => ({ name, from, className }))
  const clients = [...CLIENTS].flatMap(([name, { hooks }]) => (hooks === undefined ? [] : [{ name }]))
  const ours = [...OWN_INSTRUMENTATIONS, ...clients]
  const own = new Set(ours.map(({ name }) => name))
  return [...upstream.filter(({ name }) => !own.has(name)), ...ours].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** An instrumentation may be a facade over others (redis), whose definitions are included. */
function moduleDefinitions(instrumentation: object, seen: Set<object> = new Set()): ModuleDefinition[] {
  if (seen.has(instrumentation)) return []
  seen.add(instrumentation)
  const own = (instrumentation as { _modules?: ModuleDefinition[] })._modules
  if (own === undefined) return []
  const inner = Object.values(instrumentation).filter(
    (value): value is object => typeof value === 'object' && value !== null && '_modules' in value,
  )
  return [...own, ...inner.flatMap((value) => moduleDefinitions(value, seen))]
}

interface CatalogEntry {
  readonly packages: Record<string, { versions: string[]; files: string[] }>
  readonly builtins: string[]
}

function definitionsOf({ name, from, className }: CatalogSource): ModuleDefinition[] {
  if (from === undefined || className === undefined) {
    return (CLIENTS.get(name)?.hooks ?? []).map(({ packageName, versions, files = [] }) => ({
      name: packageName,
      supportedVersions: versions,
      files: files.map((file) => ({ name: file, supportedVersions: versions })),
    }))
  }
  const Instrumentation = (require(from) as Record<string, new (config: object) => object>)[className]
  if (Instrumentation === undefined) throw new Error(`${from} exports no ${className}`)
  return moduleDefinitions(new Instrumentation({ enabled: false, frameworkSpans: 'all' }))
}

/** Every start reads the catalog, so paths do not repeat the package's name. */
function pathWithin(packageName: string, file: string): string {
  if (!file.startsWith(`${packageName}/`)) throw new Error(`${file} is no file of ${packageName}`)
  return file.slice(packageName.length + 1)
}

function describe(source: CatalogSource): CatalogEntry {
  const packages: CatalogEntry['packages'] = {}
  const builtins = new Set<string>()
  for (const { name, supportedVersions, files } of definitionsOf(source)) {
    if (isBuiltin(`node:${name}`)) {
      builtins.add(name)
      continue
    }
    const known = (packages[name] ??= { versions: [], files: [] })
    known.versions = [
      ...new Set([
        ...known.versions,
        ...supportedVersions,
        ...files.flatMap((f) => f.supportedVersions),
        ...(WIDER_VERSIONS[source.name] ?? []),
      ]),
    ]
    known.files = [...new Set([...known.files, ...files.map((f) => pathWithin(name, f.name))])]
  }
  // Packages with connection pools that are observed as well.
  for (const { packageName } of CLIENTS.get(source.name)?.pools ?? [])
    packages[packageName] ??= { versions: ['*'], files: [] }
  return { packages, builtins: [...builtins] }
}

/** Returns `src/hooks/watched.generated.ts`: of the catalog, what a start needs that selects no instrumentations. */
export function watchedText(): string {
  const on = catalogSources().filter(({ name }) => !OFF_BY_DEFAULT.includes(name))
  const described = on.map(describe)
  const names = [
    ...described.flatMap(({ packages }) => Object.keys(packages)),
    ...described.flatMap(({ builtins }) => builtins),
    'worker_threads',
  ]
  return `// Generated by \`npm run build\` (scripts/catalog.ts). Do not edit.

/**
 * The packages and builtins whose loading is a use of telemetry, unless the settings select other instrumentations. As
 * one text, which is faster to read than a list.
 */
export const WATCHED_BY_DEFAULT =
  '${[...new Set(names)].join(' ')}'
`
}

export function catalogText(): string {
  const entries = catalogSources().map((source) => [source.name, describe(source)] as const)
  return `// Generated by \`npm run build\` from the instrumentations' own definitions (scripts/catalog.ts). Do not edit.

export interface CatalogEntry {
  /** The packages it patches, with supported version ranges and the paths of inner files within the package. */
  readonly packages: Readonly<Record<string, { readonly versions: readonly string[]; readonly files: readonly string[] }>>
  /** The builtin modules it patches. */
  readonly builtins: readonly string[]
}

/**
 * By the instrumentation's short name. An entry without packages and builtins does not wait for any module. As JSON,
 * which is faster to read than code, since every start reads it.
 */
export const CATALOG: Readonly<Record<string, CatalogEntry>> = JSON.parse(\`{
${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',\n')}
}\`) as Readonly<Record<string, CatalogEntry>>
`
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('../src/hooks/catalog.generated.ts', import.meta.url), catalogText())
}
