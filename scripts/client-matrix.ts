/** `node scripts/client-matrix.ts`: writes `docs/clients.md` from the scenarios that `test/e2e/client-matrix.test.ts` runs. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CATALOG } from '../src/hooks/catalog.generated.ts'

const MATRIX = join(import.meta.dirname, '../test/matrix/databases')

/** Which peers have an instrumentation of the library in their published package, whatever it does. */
const PEERS = JSON.parse(readFileSync(join(MATRIX, 'peers.json'), 'utf8')) as {
  readonly versions: Readonly<Record<string, string>>
  readonly libraries: Readonly<Record<string, readonly string[]>>
}

interface Scenario {
  readonly service?: string
  readonly folder?: string
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
    packageName = name,
    steps,
  } = (await import(file)) as Scenario
  const ranges = rangesOf(name)
  const versions = [versionOf(packageName, 'lowest'), versionOf(packageName, folder) ?? 'that of Node.js']
  const peers = Object.keys(PEERS.versions).map((peer) =>
    PEERS.libraries[name]?.includes(peer) === true ? 'yes' : '–',
  )
  const tested = [...new Set(versions.filter((version) => version !== undefined))].join(', ')
  const cells = [name, tested, ranges, service, Object.keys(steps).join(', '), ...peers]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const rows = await Promise.all(globSync(join(MATRIX, 'clients/*.mjs')).toSorted().map(rowOf))

writeFileSync(
  join(import.meta.dirname, '../docs/clients.md'),
  `# Clients of databases, brokers, models and loggers

Written by \`node scripts/client-matrix.ts\` from the scenarios in \`test/matrix/databases/clients/\`. Each step runs in a request of a real process and is held to
this: one span an operation with its conventional attributes, the request's span as its parent and as the active span afterwards, \`error.type\` and
\`db.response.status_code\` of what failed, the same labels in \`db_client_operation_duration_seconds\` or the metrics of messaging and models, and none of the values that went in.

| Client | Tested versions | Versions instrumented | Server | Steps | ${Object.keys(PEERS.versions).join(' | ')} |
| --- | --- | --- | --- | --- | ${Object.keys(PEERS.versions)
    .map(() => '---')
    .join(' | ')} |
${rows.join('\n')}

The last columns tell who has an instrumentation of the library: ${Object.values(PEERS.versions)
    .map((version) => `\`${version}\``)
    .join(
      ', ',
    )}, by the hooks in these packages. They do not tell how far it goes. The clients of Elasticsearch 8 and 9 trace themselves too, by older names.

drizzle, Kysely, knex, TypeORM, Sequelize and mongoose have no spans of their own: a statement is one span, the driver's. MikroORM and Prisma have not been run; they
reach the database by \`pg\`, \`mysql2\`, \`mariadb\`, \`better-sqlite3\` or \`libsql\`, Prisma through its driver adapters.

No server of their own had: MongoDB (jongodb, which imitates its protocol), libSQL (hrana), OpenAI (http-peers), Elasticsearch and OpenSearch (search-engine), which are
imitations of this project, and the AI SDK, whose models are made in the test. Oracle, SQL Server and Cassandra are tried against imitations for what leaves of a
secret, not for these steps. RabbitMQ is not installed in continuous integration: its steps pass where it is. The steps of sqlite3
(\`test/matrix/databases/native\`, which compiles it for some minutes) are not run there, and pass; drizzle, Kysely and Sequelize are run on request.

In continuous integration each client runs in its highest version, on Node.js 24 and in one module format, in turn; \`OBS_MATRIX=all\` runs the lowest
version too (\`test/matrix/databases/lowest\`), and both formats, and \`OBS_TEST_MATRIX=1 OBS_MATRIX_NODES=1\` a diagonal of Node.js 22.15, 22, 24 and 26. The versions of the third column are instrumented. Supported, in the sense that all steps pass, are those
from the lowest tested one on, but for three whose first versions fail some steps: \`pg\` 8.0.3, \`mysql2\` 2.0.0 and \`mongodb\` 4.0.0, where something may be missing.
`,
)
