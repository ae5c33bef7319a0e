/**
 * `npm run suites [-- name…]`: runs the test suites of libraries bare and under the preload and writes docs/suites.md. Needs
 * git, npm and a built `dist`. OBS_SUITES_FOLDER says where sources are kept (default: `obs-suites` in the temporary folder),
 * OBS_SUITES_REPOSITORIES names a folder of git directories `owner+name/repo` to be read in place of GitHub.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../support/paths.ts'
import { startMariadb } from '../support/services/mariadb.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { checkOut } from './checkout.ts'
import { compareSuite } from './compare-suite.ts'
import { describe, record } from './report.ts'
import type { Suite } from './suite.ts'
import { SUITES } from './suites.ts'

const SERVICES = {
  mariadb: startMariadb,
  postgres: startPostgres,
} as const

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !SUITES.some((suite) => suite.name === name))
if (unknown.length > 0) throw new Error(`there is no suite ${unknown.join(', ')}: see test/suites/suites.ts`)

const collector = spawn(process.execPath, [join(ROOT, 'bench/sink.ts'), '0'], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
})
const [port] = (await once(collector.stdout!, 'data')) as [Buffer]
const endpoint = `http://127.0.0.1:${String(port).trim()}`

try {
  for (const suite of SUITES) {
    if (chosen.length === 0 || chosen.includes(suite.name)) await runOne(suite)
  }
} finally {
  collector.kill()
}

async function runOne(suite: Suite): Promise<void> {
  const title = `${suite.name} ${suite.version}`
  const service = suite.service && (await SERVICES[suite.service]())
  if (suite.service !== undefined && service === undefined)
    return console.log(`${title}: skipped, ${suite.service} is not installed`)
  try {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: suite.name, ...service?.env }
    const comparison = await compareSuite(suite, checkOut(suite), env)
    const { tests, passedBare, differing, unsteady } = comparison
    collector.send('how much has come?')
    const [exportedBytes] = (await once(collector, 'message')) as [number]
    const counts = [`${tests} tests`, `${passedBare} passed bare`, `${differing.length} differ`]
    if (exportedBytes === 0 && suite.withoutTelemetry === undefined) throw new Error('nothing was exported')
    record(suite, comparison)
    console.log(`${title}: ${[...counts, `${unsteady.length} unsteady`, `${exportedBytes} bytes exported`].join(', ')}`)
    for (const difference of differing) console.log(`  ${describe(difference)}`)
    for (const test of unsteady) console.log(`  unsteady: ${test}`)
  } catch (error) {
    console.log(`${title}: could not be run: ${String(error)}`)
    process.exitCode = 1
  } finally {
    await service?.stop()
  }
}
