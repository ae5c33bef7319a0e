/** `node scripts/client-matrix.ts`: writes `docs/clients.md` from the scenarios that `test/e2e/client-matrix.test.ts` runs. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CATALOG } from '../src/hooks/catalog.generated.ts'

const MATRIX = join(import.meta.dirname, '../test/matrix/databases')

interface Scenario {
  readonly service?: string
  readonly folder?: string
  /** The npm package, where its name is not the client's. */
  readonly packageName?: string
  readonly steps: Readonly<Record<string, unknown>>
}

function versionOf(name: string, folder: string): string | undefined {
  const { dependencies = {} } = JSON.parse(readFileSync(join(MATRIX, folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return dependencies[name]
}

async function rowOf(file: string): Promise<string> {
  const name = basename(file, '.mjs')
  const {
    service = 'none, in the process',
    folder = 'highest',
    packageName = name,
    steps,
  } = (await import(file)) as Scenario
  const ranges = Object.values(CATALOG[name]?.packages ?? {})[0]?.versions.join(', ') ?? ''
  const versions = [versionOf(packageName, 'lowest'), versionOf(packageName, folder) ?? 'that of Node.js']
  const tested = versions.filter((version) => version !== undefined).join(', ')
  const cells = [name, tested, ranges, service, Object.keys(steps).join(', ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const rows = await Promise.all(globSync(join(MATRIX, 'clients/*.mjs')).toSorted().map(rowOf))

writeFileSync(
  join(import.meta.dirname, '../docs/clients.md'),
  `# Clients of databases, brokers, models and loggers

Written by \`node scripts/client-matrix.ts\` from the scenarios in \`test/matrix/databases/clients/\`. Each step runs in a request of a real process and is held to
this: one span an operation with its conventional attributes, the request's span as its parent and as the active span afterwards, \`error.type\` and
\`db.response.status_code\` of what failed, the same labels in \`db_client_operation_duration_seconds\` or the metrics of messaging and models, and none of the values that went in.

| Client | Tested versions | Versions instrumented | Server | Steps |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

MongoDB's server is jongodb, which imitates its protocol; libSQL's (hrana) and OpenAI's (http-peers) are imitations of this project. RabbitMQ is not installed in continuous integration: these steps pass where it is. The steps of sqlite3 (\`test/matrix/databases/native\`, which compiles it for some minutes) are not run in
continuous integration, and pass. Of each client the highest version is tested there, in one
module format; \`OBS_MATRIX=all\` runs the lowest one too (\`test/matrix/databases/lowest\`), and both formats.
The lowest versions of pg (8.0.3), mysql2 (2.0.0) and mongodb (4.0.0) do not pass all of their steps.
`,
)
