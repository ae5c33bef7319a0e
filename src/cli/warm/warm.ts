import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { snapshotEnvironment } from '../../base/environment.ts'
import { WARMED } from '../../loader/warmed.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { preloadPath } from '../run/command.ts'
import type { Terminal } from '../terminal.ts'

const TIMEOUT_MS = 30_000

/**
 * Runs what nearly every app makes this package do: serve a request, and send one with `node:http` and one with
 * `fetch`.
 */
const APP = `
const { createServer, get } = require('node:http')
const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port
  await (await fetch(url)).text()
  get(url, (response) => response.resume().on('end', () => setTimeout(() => process.exit(), 500)))
})
`

/**
 * Implements `paxx-obs warm`: stores the compiled code of this package next to the package, for images whose processes
 * start with an empty home or a read-only file system. Whoever can read the package can read the code.
 */
export function warm(terminal: Terminal): ExitCode {
  const folder = join(__dirname, WARMED)
  const temporary = mkdtempSync(join(tmpdir(), 'paxx-obs-warm-'))
  try {
    rmSync(folder, { recursive: true, force: true })
    const app = join(temporary, 'app.cjs')
    writeFileSync(app, APP)
    const { status, stderr } = spawnSync(process.execPath, ['--require', preloadPath(), app], {
      env: environmentFor(folder),
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    })
    if (status !== 0) throw new Error(stderr.trim() || `node ended with ${status}`)
    terminal.out(`${sizeOf(folder)} of compiled code in ${folder}`)
    return EXIT.ok
  } catch (thrown) {
    terminal.err(`paxx-obs: no compiled code in ${folder}: ${(thrown as Error).message}`)
    return EXIT.problem
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Excludes the settings of the build: nothing is exported, and the build's flags are not the app's. */
function environmentFor(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(snapshotEnvironment()).filter(([name]) => !/^(?:OTEL_|OBS_|NODE_|METRICS_)/.test(name))
  return {
    ...Object.fromEntries(kept),
    OBS_COMPILE_CACHE: folder,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OBS_EXIT_FLUSH_TIMEOUT: '1',
    OTEL_LOG_LEVEL: 'none',
  }
}

function sizeOf(folder: string): string {
  let bytes = 0
  chmodSync(folder, 0o755)
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    chmodSync(file, 0o644)
    bytes += statSync(file).size
  }
  return `${Math.round(bytes / 1000)} kB`
}
