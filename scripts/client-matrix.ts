/**
 * `node scripts/client-matrix.ts`: writes `docs/clients.md` from the scenarios in `test/matrix/databases/clients/` and
 * the results of the last complete run. `--run` installs what is missing and runs all of them first, which takes half
 * an hour.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from 'node:test'
import { CATALOG } from '../src/hooks/catalog.generated.ts'

const ROOT = join(import.meta.dirname, '..')
const MATRIX = join(ROOT, 'test/matrix/databases')
const RESULTS = join(MATRIX, 'results.json')

/** The content of `test/matrix/databases/results.json`. */
interface Results {
  readonly date: string
  /** Whether each cell ran on one version of Node.js, and not on all. */
  readonly isDiagonal: boolean
  /** By client and by cell (`lowest, esm, Node.js 26`): `pass`, `fail`, or why it was not run. */
  readonly clients: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const isDiagonal = process.argv.includes('--diagonal')
if (isDiagonal || process.argv.includes('--run')) {
  for (const folder of ['highest', 'lowest', 'on-request', 'native']) install(folder)
  writeFileSync(RESULTS, `${JSON.stringify(await runAll(), undefined, 1)}\n`)
}
const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results

function install(folder: string): void {
  const path = join(MATRIX, folder)
  if (existsSync(join(path, 'node_modules'))) return
  // sqlite3 is compiled if its binary cannot be downloaded. The others include their binaries, or need none.
  const options = folder === 'native' ? [] : ['--ignore-scripts']
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...options], { cwd: path, stdio: 'inherit' })
  if (folder === 'on-request') execFileSync('npm', ['run', 'generate'], { cwd: path, stdio: 'inherit' })
}

/** Tests of the second level are clients, those of the third are their cells. A cell is reported before its client. */
async function runAll(): Promise<Results> {
  Object.assign(process.env, { OBS_MATRIX: isDiagonal ? 'diagonal' : 'all', OBS_TEST_MATRIX: 'all' })
  const clients: Record<string, Record<string, string>> = {}
  let cells: Record<string, string> = {}
  const told = (
    outcome: string,
    { nesting, name, skip }: { nesting: number; name: string; skip?: string | boolean },
  ) => {
    if (nesting === 2) cells[name] = typeof skip === 'string' ? skip : outcome
    if (nesting !== 1) return
    clients[name] = cells
    cells = {}
  }
  const tests = run({ files: [join(ROOT, 'test/e2e/client-matrix.test.ts')] })
  tests.on('test:pass', (test) => told('pass', test))
  tests.on('test:fail', (test) => {
    told('fail', test)
    if (test.nesting > 2) console.error(`${test.name}: ${String(test.details.error.cause ?? test.details.error)}`)
  })
  for await (const event of tests) void event
  return { date: new Date().toISOString().slice(0, 10), isDiagonal, clients }
}

/** Which peers have an instrumentation of the library in their published package, whatever it does. */
const PEERS = JSON.parse(readFileSync(join(MATRIX, 'peers.json'), 'utf8')) as {
  readonly versions: Readonly<Record<string, string>>
  readonly libraries: Readonly<Record<string, readonly string[]>>
}

interface Scenario {
  readonly service?: string
  readonly folder?: string
  readonly lowest?: string
  /** The npm package, if its name differs from the client's. */
  readonly packageName?: string
  readonly steps: Readonly<Record<string, unknown>>
}

function versionOf(name: string, folder: string): string | undefined {
  const { dependencies = {} } = JSON.parse(readFileSync(join(MATRIX, folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return dependencies[name]
}

/** Returns the version ranges of the client's packages, with the package names if there are several. */
function rangesOf(name: string): string {
  const packages = Object.entries(CATALOG[name]?.packages ?? {}).filter(([, { versions }]) => versions[0] !== '*')
  const texts = packages.map(([each, { versions }]) => `${packages.length > 1 ? `${each} ` : ''}${versions.join(', ')}`)
  return texts.join('; ')
}

async function rowOf(file: string): Promise<string> {
  const name = basename(file, '.mjs')
  const {
    service = 'none, in the process',
    folder = 'highest',
    lowest = 'lowest',
    packageName = name,
    steps,
  } = (await import(file)) as Scenario
  const ranges = rangesOf(name)
  const versions = [versionOf(packageName, lowest), versionOf(packageName, folder) ?? 'that of Node.js']
  const peers = Object.keys(PEERS.versions).map((peer) =>
    PEERS.libraries[name]?.includes(peer) === true ? 'yes' : '–',
  )
  const tested = [...new Set(versions.filter((version) => version !== undefined))].join(', ')
  const cells = [name, tested, ranges, service, Object.keys(steps).join(', '), outcomeOf(name), ...peers]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Returns how many cells of a client passed, and the results of the others. */
function outcomeOf(name: string): string {
  const cells = Object.entries(results.clients[name] ?? {})
  const passed = cells.filter(([, outcome]) => outcome === 'pass').length
  const others = cells.filter(([, outcome]) => outcome !== 'pass').map(([cell, outcome]) => `${cell}: ${outcome}`)
  return cells.length === 0 ? 'not run' : [`${passed} of ${cells.length}`, ...others].join('; ')
}

const rows = await Promise.all(globSync(join(MATRIX, 'clients/*.mjs')).toSorted().map(rowOf))

writeFileSync(
  join(import.meta.dirname, '../docs/clients.md'),
  `# Clients of databases, brokers, models and loggers

Generated by \`node scripts/client-matrix.ts\` from the scenarios in \`test/matrix/databases/clients/\`. Each step runs in a request of a real process. The test verifies that each operation is one span with its
conventional attributes; that the request's span is its parent, and is active again afterwards; that failures have \`error.type\` and \`db.response.status_code\`; that
\`db_client_operation_duration_seconds\`, or the metrics of messaging and models, have the same labels; and that none of the values appears anywhere.

| Client | Tested versions | Versions instrumented | Server | Steps | Cells | ${Object.keys(PEERS.versions).join(' | ')} |
| --- | --- | --- | --- | --- | --- | ${Object.keys(PEERS.versions)
    .map(() => '---')
    .join(' | ')} |
${rows.join('\n')}

The cells are those of the run of ${results.date}: the lowest and the highest tested version, imported and required, on ${results.isDiagonal ? 'one of Node.js 22.15, 24 and 26, in turn' : 'Node.js 22.15, 24 and 26'}.

The last columns show which other packages have an instrumentation of the library: ${Object.values(PEERS.versions)
    .map((version) => `\`${version}\``)
    .join(
      ', ',
    )}, judged by the hooks in these packages, not by what these record. The clients of Elasticsearch 8 and 9 also trace themselves, with older names.

drizzle, Kysely, knex, TypeORM, Sequelize, MikroORM, mongoose and Prisma 7 have no spans of their own: a statement is one span, the driver's; Prisma uses
\`pg\` through its driver adapter. If the app has \`@prisma/instrumentation\`, \`OBS_INSTRUMENTATIONS=@prisma/instrumentation\` adds Prisma's own spans.
bee-queue has no spans of its own; its Redis commands do.

The following were tested against imitations instead of real servers: MongoDB (jongodb, which implements its protocol); libSQL (hrana), OpenAI (http-peers), Elasticsearch and OpenSearch
(search-engine), which are imitations of this project; and the AI SDK, with models defined in the test. Oracle, SQL Server and Cassandra are tested against imitations only for whether
secrets are exported, not with these steps. \`@confluentinc/kafka-javascript\` is not instrumented and was not tested, because its installation downloads a library from outside the registry,
or compiles librdkafka with the development files of OpenSSL, curl and SASL.

An operation of Elasticsearch or OpenSearch is one span. The HTTP requests that carry it have no spans; they are measured in \`http_client_request_duration_seconds\`.

Steps that the lowest version of a client does not support, with or without this package, are omitted for it: streams of rows and \`cluster.of().query\` in mysql2 2.0,
a \`MongoClient\` that was not connected and stack traces with the app's lines in mongodb 4.0, pub/sub in a cluster and closed clients in redis 4.0, and the names of
pipelines in ioredis 4.0.

CI runs each client, except those that are run on request, in its highest version, in one module format and on one of Node.js 22.15, 24 and 26, in turn.
\`node scripts/client-matrix.ts --run\` runs all cells and writes this page. It installs \`lowest\`, \`on-request\` (Prisma, MikroORM, bee-queue, Elasticsearch 8) and \`native\`
(sqlite3, which takes minutes to compile), which CI does not have. Only this script runs drizzle, Kysely and Sequelize, and RabbitMQ if it is installed.
`,
)
