import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { startNode } from '../support/run-node.ts'
import { splitStderr } from '../support/own-lines.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { holds } from './shapes.ts'

/** No package.json and no OTEL_SERVICE_NAME: nothing that would name the service. */
function nameless(t: TestContext, text: string, env: Record<string, string>): RunningProcess {
  const folder = temporaryFolder(t, 'nameless')
  writeFileSync(join(folder, 'app.cjs'), text)
  return startNode(t, { app: join(folder, 'app.cjs'), cwd: folder, env: { OTEL_TRACES_EXPORTER: 'none', ...env } })
}

const IDLE = `setInterval(() => {}, 1000)`

test('unrelated apps without a name are two services, and their metrics are not summed', async (t) => {
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) }
  const first = nameless(t, IDLE, env)
  await first.waitFor(/unknown_service: .*metrics on/, 'stderr')
  const second = nameless(t, IDLE, env)
  const [line] = await second.waitFor(/unknown_service: .*/, 'stderr')
  assert.match(line, /metrics on .* is in use by another program or service/)
  holds('Neighbours', 'two unrelated apps without a name', 'two services, not summed')
})

test('a service that forks a process for each job prints one start line', async (t) => {
  const jobs = `
    const { fork } = require('node:child_process')
    let left = 3
    const next = () => {
      if (left-- === 0) return process.exit()
      fork(__filename, ['job']).once('exit', next)
    }
    if (process.argv[2] === 'job') setTimeout(() => process.exit(), 400)
    else setTimeout(next, 600)`
  const running = nameless(t, jobs, { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) })
  const { stderr } = await running.exited
  assert.equal(splitStderr(stderr).own.length, 1, stderr)
  holds('Neighbours', 'a process forked for each job', 'one start line')
})
