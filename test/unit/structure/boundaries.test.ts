import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/**
 * What each folder of `src/` may import at run time from other folders. Stages (`export`, `hooks`, `lifecycle`, `providers`,
 * `sideport`) do not import each other: only `start.ts` composes them. Types of `settings/` may be imported from everywhere.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'start.ts': ['base', 'lifecycle', 'start'],
  'index.ts': ['base'],
  base: [],
  // A file of its own, before all others.
  loader: [],
  settings: ['base'],
  sdk: ['base'],
  aggregation: ['base', 'sdk'],
  sampling: ['base'],
  privacy: ['base'],
  instrumentation: ['base'],
  'instrumentation/clients': ['base', 'sdk', 'instrumentation', 'instrumentation/operations', 'instrumentation/pools'],
  'instrumentation/operations': ['base', 'sdk', 'privacy', 'instrumentation', 'instrumentation/pools'],
  'instrumentation/pools': ['base', 'instrumentation'],
  'instrumentation/frameworks': ['base', 'sdk', 'instrumentation', 'instrumentation/http'],
  'instrumentation/http': ['base', 'sdk', 'instrumentation'],
  'instrumentation/rpc': ['base', 'instrumentation', 'instrumentation/http', 'instrumentation/frameworks'],
  'instrumentation/graphql': ['base', 'sdk', 'instrumentation', 'instrumentation/http', 'instrumentation/frameworks'],
  'instrumentation/messaging': ['base', 'instrumentation'],
  'instrumentation/caches': ['base', 'instrumentation'],
  'instrumentation/models': ['base', 'instrumentation', 'instrumentation/operations'],
  'instrumentation/lambda': ['base'],
  'instrumentation/runtime': ['base'],
  hooks: ['base', 'sampling', 'instrumentation', 'instrumentation/http'],
  providers: ['base', 'sdk'],
  export: ['base', 'sdk', 'aggregation'],
  lifecycle: ['base'],
  // The judgement of `doctor` alone, which runs in the browser over live figures.
  page: ['cli'],
  sideport: ['base', 'sdk', 'aggregation', 'instrumentation/http'],
  fleet: ['base', 'sdk', 'aggregation'],
  threads: ['base', 'sdk', 'aggregation'],
  // One chunk of all stages, so that a start reads one file.
  start: ['base', 'bundler', 'export', 'hooks', 'lifecycle', 'providers', 'sideport', 'threads'],
  bundler: ['base', 'hooks'],
  cli: ['base', 'export', 'bundler', 'loader'],
}

/** Folders that have parts of their own in the table. */
const DIVIDED = new Set(['instrumentation'])

const ROOT = join(import.meta.dirname, '../../..')
const IMPORT = /^(?:import|export)\s+(type\s+)?([^'"]*?)from\s+'(\.[^']+)'/gm

interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

function imports(): Import[] {
  return globSync('src/**/*.ts', { cwd: ROOT }).flatMap((from) => {
    const code = readFileSync(join(ROOT, from), 'utf8')
    return [...code.matchAll(IMPORT)].map(([, type, names = '', specifier = '']) => ({
      from,
      to: join(dirname(from), specifier),
      isType: type !== undefined || /^\s*\{(?:\s*type\s+\w+(?:\s+as\s+\w+)?\s*,?)+\s*\}\s*$/.test(names),
    }))
  })
}

/** `src/export/batcher.ts` is in `export`, `src/instrumentation/http/route.ts` in `instrumentation/http`. */
function folderOf(file: string): string {
  const [, folder = '', part = '', rest] = file.split('/')
  return DIVIDED.has(folder) && rest !== undefined ? `${folder}/${part}` : folder
}

const ours = imports().filter(({ to }) => to.startsWith('src/'))

test('every folder of src/ is in the table of boundaries', () => {
  const folders = new Set(globSync('src/**/*.ts', { cwd: ROOT }).map(folderOf))
  assert.deepEqual([...folders].filter((folder) => MAY_IMPORT[folder] === undefined).toSorted(), [])
})

test('folders import at run time only from the folders that the table names', () => {
  const crossed = ours
    .filter(({ isType, from, to }) => !isType && folderOf(from) !== folderOf(to))
    .filter(({ from, to }) => MAY_IMPORT[folderOf(from)]?.includes(folderOf(to)) !== true)
    .map(({ from, to }) => `${from} imports ${to}`)
  assert.deepEqual(crossed, [], 'add the row to MAY_IMPORT where the direction is right, or move the file')
})

test('no file imports itself through others at run time', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, isType } of ours) if (!isType) edges.set(from, [...(edges.get(from) ?? []), to])
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `import cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
})

test('only start.ts and index.ts lie outside of a folder', () => {
  assert.deepEqual(globSync('src/*.ts', { cwd: ROOT }).toSorted(), ['src/index.ts', 'src/start.ts'])
})

test('the table allows no import that no file needs', () => {
  const made = new Set(ours.filter(({ isType }) => !isType).map(({ from, to }) => `${folderOf(from)} ${folderOf(to)}`))
  const allowed = Object.entries(MAY_IMPORT).flatMap(([from, folders]) => folders.map((to) => `${from} ${to}`))
  const unused = allowed.filter((each) => !each.endsWith(' base') && !made.has(each))
  assert.deepEqual(unused, [], 'remove these from MAY_IMPORT')
})
