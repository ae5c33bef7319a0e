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
  /** By client and by cell (`lowest, esm, Node.js 26`): `pass`, `fail`, or why it was not run. */
  readonly clients: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** `--run` runs all clients, `--run=pg,redis` these. */
const asked = process.argv.find((arg) => /^--run(?:=|$)/.test(arg))
const NODES = process.argv.includes('--diagonal') ? 'diagonal' : 'all'
if (asked !== undefined) {
  for (const folder of ['highest', 'lowest', 'on-request', 'native']) install(folder)
  const only = asked.split('=')[1]?.split(',')
  for (const names of await byService(only)) save(await runClients(names))
}
const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results

/** The clients that use one server, together: a server that does not start then costs nobody else's cells. */
async function byService(only: readonly string[] | undefined): Promise<readonly string[][]> {
  const groups = new Map<string, string[]>()
  for (const file of globSync(join(MATRIX, 'clients/*.mjs')).toSorted()) {
    const name = basename(file, '.mjs')
    if (only?.includes(name) === false) continue
    const { service = 'none' } = (await import(file)) as Scenario
    groups.set(service, [...(groups.get(service) ?? []), name])
  }
  return [...groups.values()]
}

/** Saved after each server, because a complete run takes an hour. */
function save(clients: Results['clients']): void {
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results).clients : {}
  const all = Object.entries({ ...before, ...clients }).toSorted(([a], [b]) => a.localeCompare(b))
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(RESULTS, `${JSON.stringify({ date, clients: Object.fromEntries(all) }, undefined, 1)}\n`)
}

function install(folder: string): void {
  const path = join(MATRIX, folder)
  if (existsSync(join(path, 'node_modules'))) return
  // sqlite3 is compiled if its binary cannot be downloaded. The others include their binaries, or need none.
  const options = folder === 'native' ? [] : ['--ignore-scripts']
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...options], { cwd: path, stdio: 'inherit' })
  if (folder === 'on-request') execFileSync('npm', ['run', 'generate'], { cwd: path, stdio: 'inherit' })
}

/** Tests of the second level are clients, those of the third are their cells. A cell is reported before its client. */
async function runClients(names: readonly string[]): Promise<Results['clients']> {
  Object.assign(process.env, { OBS_MATRIX: NODES, OBS_MATRIX_CLIENT: names.join(','), OBS_TEST_MATRIX: 'all' })
  const clients: Record<string, Record<string, string>> = {}
  let cells: Record<string, string> = {}
  const reported = (
    outcome: string,
    { nesting, name, skip }: { nesting: number; name: string; skip?: string | boolean },
  ) => {
    if (nesting === 2) cells[name] = typeof skip === 'string' ? skip : outcome
    if (nesting !== 1) return
    const passed = Object.values(cells).filter((each) => each === 'pass').length
    console.error(`${name}: ${passed} of ${Object.keys(cells).length}`)
    clients[name] = cells
    cells = {}
  }
  const tests = run({ files: [join(ROOT, 'test/e2e/client-matrix.test.ts')] })
  tests.on('test:pass', (test) => reported('pass', test))
  tests.on('test:fail', (test) => {
    reported('fail', test)
    if (test.nesting > 2) console.error(`${test.name}: ${String(test.details.error.cause ?? test.details.error)}`)
  })
  for await (const event of tests) void event
  return clients
}

/** Which peers have an instrumentation of the library in their published package, whatever it does. */
const PEERS = JSON.parse(readFileSync(join(MATRIX, 'peers.json'), 'utf8')) as {
  readonly versions: Readonly<Record<string, string>>
  readonly libraries: Readonly<Record<string, readonly string[]>>
  /** Libraries that this package does not instrument. */
  readonly uninstrumented: readonly string[]
}

interface Scenario {
  readonly service?: string
  readonly folder?: string
  readonly lowest?: string
  /** The npm package, if its name differs from the client's. */
  readonly packageName?: string
  /** The client whose library these steps use in another way; it is compared with other packages once. */
  readonly library?: string
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

/** One row of a version: on which versions of Node.js it passed as an ES module and as CommonJS. */
function versionRow(name: string, label: string, version: string, folder: string, server: string): string {
  const formats = ['esm', 'cjs'].map((format) => nodesOf(results.clients[name] ?? {}, `${folder}, ${format}, Node.js `))
  return `| ${[label, version, ...formats, server].join(' | ')} |`
}

function nodesOf(cells: Readonly<Record<string, string>>, prefix: string): string {
  const own = Object.entries(cells).filter(([cell]) => cell.startsWith(prefix))
  const passed = own.filter(([, outcome]) => outcome === 'pass').map(([cell]) => cell.slice(prefix.length))
  const others = own.filter(([, outcome]) => outcome !== 'pass')
  const holes = others.map(([cell, outcome]) => `${cell.slice(prefix.length)}: ${outcome}`)
  return own.length === 0 ? 'not run' : [passed.join(', '), ...holes].filter((text) => text !== '').join('; ')
}

interface Described {
  /** One row for each tested version. */
  readonly cells: readonly string[]
  /** Undefined: another client's row describes the library. */
  readonly about: string | undefined
  readonly steps: string
}

async function describe(file: string): Promise<Described> {
  const name = basename(file, '.mjs')
  const {
    service = 'none, in the process',
    folder = 'highest',
    lowest = 'lowest',
    packageName = name,
    library,
    steps,
  } = (await import(file)) as Scenario
  const highestVersion = versionOf(packageName, folder) ?? 'that of Node.js'
  const lowestVersion = lowest === folder ? undefined : versionOf(packageName, lowest)
  const cells = [versionRow(name, name, highestVersion, folder, service)]
  if (lowestVersion !== undefined) cells.push(versionRow(name, '', lowestVersion, lowest, ''))
  return {
    cells,
    about:
      library === undefined
        ? `| ${[name, rangesOf(name).replaceAll('|', '\\|'), ...peersOf(name)].join(' | ')} |`
        : undefined,
    steps: `- ${name}: ${Object.keys(steps).join('; ')}`,
  }
}

function peersOf(name: string): readonly string[] {
  return Object.keys(PEERS.versions).map((peer) => (PEERS.libraries[name]?.includes(peer) === true ? 'yes' : '–'))
}

const clients = await Promise.all(globSync(join(MATRIX, 'clients/*.mjs')).toSorted().map(describe))
const peers = Object.keys(PEERS.versions)
const line = (columns: number): string => `|${' --- |'.repeat(columns)}`
// Libraries that only peers instrument.
const others = PEERS.uninstrumented.map((name) => `| ${[name, 'not instrumented', ...peersOf(name)].join(' | ')} |`)

writeFileSync(
  join(import.meta.dirname, '../docs/clients.md'),
  `# Clients of databases, brokers, models and loggers

Generated by \`node scripts/client-matrix.ts\` from the scenarios in \`test/matrix/databases/clients/\`. Each step runs in a request of a real process. The test verifies that each operation is one span with its
conventional attributes; that the request's span is its parent, and is active again afterwards; that failures have \`error.type\` and \`db.response.status_code\`; that
\`db_client_operation_duration_seconds\`, or the metrics of messaging and models, have the same labels; and that none of the values appears anywhere.

## Tested

The versions of Node.js on which all steps passed in the run of ${results.date}, for the highest tested version of each client and for the lowest, imported as an ES module and required as CommonJS.
A client with one row has one supported major version, or is tested in one.

| Client | Version | ES module | CommonJS | Server |
${line(5)}
${clients.flatMap(({ cells }) => cells).join('\n')}

## Versions and other packages

Which versions are instrumented, and which other packages have an instrumentation of the library: ${Object.values(
    PEERS.versions,
  )
    .map((version) => `\`${version}\``)
    .join(', ')}, judged by the hooks for tracing in these packages, not by what these record.

| Client | Versions instrumented | ${peers.join(' | ')} |
${line(2 + peers.length)}
${[...clients.flatMap(({ about }) => about ?? []), ...others].join('\n')}

The clients of Elasticsearch 8 and 9 also trace themselves, with older names. A call of \`@anthropic-ai/sdk\` is the CLIENT span of its HTTP request.

drizzle, Kysely, knex, TypeORM, Sequelize, MikroORM, mongoose and Prisma 7 have no spans of their own: a statement is one span, the driver's; Prisma uses
\`pg\` through its driver adapter. If the app has \`@prisma/instrumentation\`, \`OBS_INSTRUMENTATIONS=@prisma/instrumentation\` adds Prisma's own spans.
bee-queue has no spans of its own; its Redis commands do.

## What is not counted

A connection that the app asks a pool for by itself (\`pool.connect()\`, \`pool.getConnection()\`, \`pool.execute(task)\` of node-redis) is no operation: if there is none, no operation has failed.
The subscriptions of node-redis have no spans. Those of ioredis do, because it sends them like other commands.

## Servers

The following were tested against imitations instead of real servers: MongoDB (jongodb, which implements its protocol); Kafka (kcat's, the test cluster of librdkafka, which has no coordinator of transactions, so these are tested without a server); libSQL (hrana), OpenAI (http-peers), Elasticsearch and OpenSearch
(search-engine), which are imitations of this project; and the AI SDK, with models defined in the test. Oracle, SQL Server and Cassandra are tested against imitations only for whether
secrets are exported, not with these steps. \`@confluentinc/kafka-javascript\` is not instrumented and was not tested, because its installation downloads a library from outside the registry,
or compiles librdkafka with the development files of OpenSSL, curl and SASL.

An operation of Elasticsearch or OpenSearch is one span. The HTTP requests that carry it have no spans; they are measured in \`http_client_request_duration_seconds\`.

Steps that the lowest version of a client does not support, with or without this package, are omitted for it: streams of rows and \`cluster.of().query\` in mysql2 2.0,
a \`MongoClient\` that was not connected and stack traces with the app's lines in mongodb 4.0, pub/sub in a cluster and closed clients in redis 4.0, the names of
pipelines in ioredis 4.0, and several topics and errors in kafkajs 1.4, which cannot send messages without a key on these versions of Node.js.

## Steps

${clients.map(({ steps }) => steps).join('\n')}

## Running them

CI runs each client, except those that are run on request, in its highest version, in one module format and on one of Node.js 22.15, 24 and 26, in turn.
\`node scripts/client-matrix.ts --run\` runs all cells and writes this page. It installs \`lowest\`, \`on-request\` (Prisma, MikroORM, bee-queue, Elasticsearch 8) and \`native\`
(sqlite3, which takes minutes to compile), which CI does not have. Only this script runs drizzle, Kysely and Sequelize, and RabbitMQ if it is installed.
`,
)
