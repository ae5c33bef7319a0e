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

/** What nearly every app has this package do: serve a request, and send one by `node:http` and one by `fetch`. */
const APP = `
const { createServer, get } = require('node:http')
const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port
  await (await fetch(url)).text()
  get(url, (response) => response.resume().on('end', () => setTimeout(() => process.exit(), 500)))
})
`

/**
 * `paxx-obs warm`: keeps the compiled code of this package beside it, for images whose processes start with an empty home or
 * cannot write. Whoever may read the package may read it.
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

/** Nothing of the build's own settings: neither does it send anything, nor would its flags be the app's. */
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
