import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, describe, test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode, type NodeOptions } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'
import { directivesOf, type Directives } from './directives.ts'
import { startServices, stopServices } from './services.ts'

/**
 * Each scenario is a short program that prints what it saw (say.cjs). It runs bare and under the preload, and the two have
 * to print and end alike. README.md of this folder says how to add one.
 */

/** `native` is what has to be compiled when it is installed: it is compared where it is. */
const VERSIONS = ['newest', 'middle', 'oldest', 'native'] as const
const MAINS = ['main.cjs', 'main.mjs'] as const
const OURS = join(ROOT, 'dist')
const NO_PRELOAD = join(import.meta.dirname, 'no-preload.cjs')
/** What a machine that is busy with other tests may make this package say. */
const BUSY = /dropped at exit/
/** Part of the file names that are to be run. */
const only = process.env['OBS_TRANSPARENCY']

const receiver = await OtlpReceiver.start(undefined)

after(async () => {
  await receiver.close()
  await stopServices()
})

const EVERYTHING = process.env['OBS_TEST_MATRIX'] === 'all'

/** Clients have calls to observe all the same, and nothing to send along. */
const WITHOUT_TRACES = { OTEL_TRACES_EXPORTER: 'none' }

interface Way {
  readonly name: string
  readonly app: string
  readonly args: readonly string[]
  /** Of the preloaded process. */
  readonly env?: Readonly<Record<string, string>>
}

describe('the app does not notice', { concurrency: 2 }, () => {
  for (const file of globSync(join(import.meta.dirname, '{scenarios,programs}/*.{cjs,mjs}')).toSorted()) {
    if (only === undefined || file.includes(only)) compareEachWay(file)
  }
})

/** One after the other: they may share what is in a database. */
function compareEachWay(file: string): void {
  const directives = directivesOf(readFileSync(file, 'utf8'))
  test(basename(file), { skip: leftOut(directives) || notInstalled(directives) }, async (t) => {
    const services = await startServices(directives.services)
    if (services === undefined) return t.skip(`one of ${directives.services.join(', ')} is not installed`)
    const unseen = new Set(directives.differs.map(({ what }) => what))
    for (const way of waysOf(file, directives)) {
      await t.test(way.name, (t) => compare(t, way, directives, services, unseen))
    }
    assert.deepEqual([...unseen], [], 'these do not differ any more: remove their lines')
  })
}

function waysOf(file: string, { packages, versions: chosen }: Directives): Way[] {
  if (file.includes('programs')) return [{ name: 'program', app: file, args: [] }]
  const available = VERSIONS.filter(
    (version) =>
      (chosen.length === 0 || chosen.includes(version)) && packages.every((name) => name in dependenciesOf(version)),
  )
  const ways = available
    .flatMap((version) => MAINS.map((main) => ({ version, main })))
    .filter((way) => EVERYTHING || isOnDiagonal(way, available, file))
    .map(({ version, main }) => ({
      name: `${version} ${main === 'main.cjs' ? 'require' : 'import'}`,
      app: join(import.meta.dirname, 'versions', version, main),
      args: [file],
    }))
  if (!EVERYTHING) return ways
  return [...ways, ...ways.map((way) => ({ ...way, name: `${way.name}, without traces`, env: WITHOUT_TRACES }))]
}

/**
 * Without `OBS_TEST_MATRIX=all` the newest version runs as ES module, the oldest one as CommonJS, and those between do not
 * run. Of libraries with one version, one half runs as ES module and the other half as CommonJS.
 */
function isOnDiagonal(
  { version, main }: { readonly version: string; readonly main: string },
  available: readonly string[],
  file: string,
): boolean {
  const isImport = main === 'main.mjs'
  if (available.length === 1) return isImport === (basename(file).length % 2 === 0)
  return version === (isImport ? available[0] : available.at(-1))
}

async function compare(
  t: TestContext,
  { name, app, args, env: more }: Way,
  { packages, flags, env, differs, spans, withoutSpans }: Directives,
  services: Readonly<Record<string, string>>,
  unseen: Set<string>,
): Promise<void> {
  const serviceName = `${args[0] ?? app} ${name}`
  const options: NodeOptions = { app, args, nodeArgs: flags, timeoutMs: 60_000 }
  const given = { ...services, ...env }
  // The difference says what matters; all that each process wrote is not printed beside it.
  const ends = { after: t.after.bind(t) }
  const bare = await runNode(ends, { ...options, env: given, register: NO_PRELOAD })
  const ours = {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OBS_FLEET: 'false',
    OBS_EXIT_FLUSH_TIMEOUT: '10000',
  }
  // A scenario that crashes half way would compare less than it says.
  if (packages.length > 0) assert.deepEqual([bare.code, bare.signal], [0, null], bare.stderr)
  const preloaded = await runNode(ends, { ...options, env: { ...ours, ...given, ...more } })
  const wanted = seen(bare)
  const got = seen(preloaded)
  for (const { what } of differs) {
    if (JSON.stringify(wanted.said.get(what)) !== JSON.stringify(got.said.get(what))) unseen.delete(what)
    wanted.said.delete(what)
    got.said.delete(what)
  }
  assert.deepEqual(got, wanted)
  assert.ok(bare.stdout !== '', `the scenario says nothing\n${bare.stderr}`)
  const [, ...unexpected] = splitStderr(preloaded.stderr).own
  assert.deepEqual(
    unexpected.filter((line) => !BUSY.test(line)),
    [],
    'lines of this package',
  )
  const mayHaveLost = unexpected.some((line) => BUSY.test(line))
  const isTraced = packages.length > 0 && withoutSpans === undefined && more === undefined
  if (isTraced && !mayHaveLost) assertTraced(serviceName, spans)
}

/** What is not instrumented does not differ. A process exports its spans before it ends. */
function assertTraced(serviceName: string, wanted: readonly RegExp[]): void {
  const spans = receiver.spans.filter(({ resource }) => resource['service.name'] === serviceName)
  const scopes = spans.map(({ scope }) => scope)
  assert.ok(
    scopes.some((scope) => !/[/-](http|undici|net|dns)$/.test(scope)),
    `no span of the library, only of: ${[...new Set(scopes)].join(', ')}`,
  )
  const lines = spans.map((span) => `${span.name} ${String(span.attributes['error.type'] ?? '')}`.trim())
  for (const span of wanted) {
    assert.ok(
      lines.some((line) => span.test(line)),
      `no span ${String(span)} among\n${lines.join('\n')}`,
    )
  }
}

/** What a user sees of a process. Observations of one name stay in their order. */
function seen({ code, signal, stdout, stderr }: RunResult): Seen {
  const said = new Map<string, unknown[]>()
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [what, values] = observationOf(line)
    said.set(what, [...(said.get(what) ?? []), values])
  }
  const app = withoutStacks(splitStderr(stderr).app).map((line) =>
    line.replace(/\(node:\d+\)/, '(node)').replace(/\d{9,}/g, 'N'),
  )
  return { code, signal, said, stderr: app }
}

/** Stacks that Node prints, and the source line it shows above the one of a crash, which must not be ours. */
function withoutStacks(lines: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const isSourceLine = /^(?:file:|\/|node:internal).*:\d+$/.test(line)
    if (isSourceLine && line.includes(OURS)) kept.push('a crash in a file of this package')
    if (isSourceLine) index += 2
    else if (!/^\s+at /.test(line)) kept.push(line.replace(/ \{$/, ''))
  }
  return kept
}

interface Seen {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly said: Map<string, unknown[]>
  readonly stderr: readonly string[]
}

/** A program may print plain lines too. */
function observationOf(line: string): [what: string, values: unknown] {
  try {
    const [what, ...values] = JSON.parse(line) as [string, ...unknown[]]
    return [what, values]
  } catch {
    return ['stdout', line]
  }
}

function leftOut({ isRare }: Directives): string | false {
  return isRare && !EVERYTHING && only === undefined && 'it runs with OBS_TEST_MATRIX=all'
}

function notInstalled({ packages }: Directives): string | false {
  const needed = VERSIONS.filter((version) => packages.every((name) => name in dependenciesOf(version)))
  const absent = needed.filter((version) => !existsSync(join(folderOf(version), 'node_modules')))
  if (packages.length === 0 || absent.length === 0) return false
  if (absent.includes('native')) return 'what has to be compiled is not installed: see test/transparency/README.md'
  const missing = 'the libraries are not installed: see test/transparency/README.md'
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(missing)
  return missing
}

function dependenciesOf(version: string): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(folderOf(version), 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return dependencies
}

function folderOf(version: string): string {
  return join(import.meta.dirname, 'versions', version)
}
