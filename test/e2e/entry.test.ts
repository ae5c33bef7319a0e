import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { unsupportedNode } from '../support/matrix.ts'
import { splitStderr } from '../support/own-lines.ts'
import { copyPackage } from '../support/package-copy.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import type { NodeOptions, PreloadWay } from '../support/run-node.ts'
import { startServingApp } from '../support/serving-app.ts'

/** However the preload is given, it starts once; whatever goes wrong with it, the app runs and one line says so. */

const START_LINE =
  /^@paxx\/obs: use-apps 1\.2\.3: traces to http:\/\/localhost:\d+\/? \(grpc\), metrics on (\S+)\/metrics, page on \1\/$/

const WAYS: readonly { label: string; options: (t: TestContext) => NodeOptions }[] = [
  ...(['import', 'require', 'NODE_OPTIONS import', 'NODE_OPTIONS require'] as const).map((preload: PreloadWay) => ({
    label: preload,
    options: () => ({ preload }),
  })),
  { label: 'the flag twice', options: () => ({ nodeArgs: ['--import', REGISTER] }) },
  { label: '--import and --require', options: () => ({ nodeArgs: ['--require', REGISTER] }) },
  { label: 'flag and NODE_OPTIONS', options: () => ({ env: { NODE_OPTIONS: `--import ${REGISTER}` } }) },
  { label: 'by the name of the package', options: () => ({ register: '@paxx/obs/register', cwd: ROOT }) },
  { label: 'two installed versions', options: (t) => ({ nodeArgs: ['--import', copyPackage(t).register] }) },
  {
    label: 'two installed versions, --require and --import',
    options: (t) => ({ nodeArgs: ['--require', copyPackage(t).register] }),
  },
]

const APP_FORMATS = ['use-express.cjs', 'use-express.mjs']
const EVERYTHING = process.env['OBS_TEST_MATRIX'] === 'all'

for (const [index, { label, options }] of WAYS.entries()) {
  // Each way with one format, in turn: loading.test.ts has both for the flag.
  for (const app of EVERYTHING ? APP_FORMATS : APP_FORMATS.slice(index % 2).slice(0, 1)) {
    test(`${label} (${app}) starts once`, async (t) => {
      const serving = await startServingApp(t, { app, ...options(t) })
      await serving.process.waitFor(/metrics/, 'stderr')
      await serving.get('/users/7')
      await serving.receiver.waitForSpans((spans) => spans.some((span) => span.kind === 'server'))
      serving.process.kill('SIGTERM')
      const result = await serving.process.exited
      assert.equal(serving.receiver.spans.filter((span) => span.kind === 'server').length, 1)
      const { own, app: others } = splitStderr(result.stderr)
      assert.deepEqual([own.length, others], [1, []], result.stderr)
      assert.match(own[0] ?? '', START_LINE)
      assert.equal(result.stdout, `listening ${serving.port}\n`)
    })
  }
}

test('the start line is silenced by OTEL_LOG_LEVEL', async (t) => {
  for (const level of ['warn', 'error', 'none']) {
    const result = await runFilter(t, { env: { OTEL_LOG_LEVEL: level } })
    assert.equal(result.stderr, 'done\n')
  }
})

test('a filter keeps its stdin, stdout, stderr and exit code', async (t) => {
  const result = await runFilter(t, {})
  assert.equal(result.stdout, 'HELLO')
  assert.equal(result.code, 7)
  assert.deepEqual(splitStderr(result.stderr).app, ['done'])
})

test('an unsupported Node.js: one line, and the app runs', async (t) => {
  const old = unsupportedNode()
  if (!old) return t.skip('no Node below 22 on this machine')
  for (const preload of ['import', 'require', 'NODE_OPTIONS import', 'NODE_OPTIONS require'] as const) {
    const result = await runFilter(t, { preload, execPath: old.execPath })
    assert.deepEqual([result.stdout, result.code], ['HELLO', 7])
    assert.equal(
      result.stderr,
      `@paxx/obs: Node.js ${old.label} is older than 22.15; no telemetry, the app runs without it\ndone\n`,
    )
  }
})

const BREAKAGES: readonly { label: string; breakIt: (dist: string) => void }[] = [
  { label: 'dist is gone', breakIt: (dist) => rmSync(dist, { recursive: true }) },
  { label: 'the start is empty', breakIt: (dist) => truncateSync(join(dist, 'start.cjs')) },
  { label: 'the start does not parse', breakIt: (dist) => writeFileSync(join(dist, 'start.cjs'), 'const =') },
  { label: 'the start throws', breakIt: (dist) => writeFileSync(join(dist, 'start.cjs'), 'throw null') },
  { label: 'a folder stands in its place', breakIt: replaceByFolder },
  { label: 'every other chunk is empty', breakIt: emptyAllButStart },
]

for (const { label, breakIt } of BREAKAGES) {
  test(`a broken installation, ${label}: one line, and the app runs`, async (t) => {
    const copy = copyPackage(t)
    breakIt(join(copy.folder, 'dist'))
    const result = await runFilter(t, { register: copy.register })
    assert.deepEqual([result.stdout, result.code], ['HELLO', 7])
    const { own, app } = splitStderr(result.stderr)
    assert.equal(own.length, 1, result.stderr)
    assert.match(own[0] ?? '', /could not start \(.+\); the app runs without telemetry/)
    assert.deepEqual(app, ['done'])
  })
}

test('the side port is in use: one line, and the app runs and is traced', async (t) => {
  const first = await startServingApp(t, { app: 'use-http.cjs' })
  await first.process.waitFor(/metrics/, 'stderr')
  const port = String(first.sidePort)
  const second = await startServingApp(t, { app: 'use-http.cjs', env: { OTEL_EXPORTER_PROMETHEUS_PORT: port } })
  await second.process.waitFor(new RegExp(`@paxx/obs: .*${port}.*\n`), 'stderr')
  assert.equal((await second.get('/')).body, 'hello')
  await second.receiver.waitForSpans(1)
  assert.equal(splitStderr(second.process.stderr).own.length, 1, second.process.stderr)
})

async function runFilter(t: TestContext, options: NodeOptions): ReturnType<typeof runNode> {
  const env = {
    OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
    OTEL_TRACES_EXPORTER: 'none',
    ...options.env,
  }
  return await runNode(t, { app: 'use-stdio.cjs', stdin: 'hello', ...options, env })
}

function replaceByFolder(dist: string): void {
  rmSync(join(dist, 'start.cjs'))
  mkdirSync(join(dist, 'start.cjs'))
}

function emptyAllButStart(dist: string): void {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.cjs') && name !== 'start.cjs'))
    truncateSync(join(dist, file))
}
