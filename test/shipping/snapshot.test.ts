import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { REGISTER } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, distinct, further, holds } from './shapes.ts'

/** Sends itself a request, and ends on the parent's command. */
const APP = `
  require('node:v8').startupSnapshot.setDeserializeMainFunction(() => {
    const { createServer, get } = require('node:http')
    const server = createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', function () {
      get({ host: '127.0.0.1', port: this.address().port, agent: false }, (response) => {
        response.on('data', (chunk) => console.log(String(chunk)))
        process.on('SIGTERM', () => server.close())
      })
    })
  })`

interface Row {
  readonly name: string
  readonly node: string
  readonly flag: '--require' | '--import'
  /** Where the snapshot is inside of a copy of Node.js. */
  readonly isExecutable?: true
}

const NODE_26 = further('node26')

const ROWS: readonly Row[] = [
  { name: 'Node 24, `--require`', node: process.execPath, flag: '--require' },
  ...(ALL
    ? ([
        { name: 'Node 24, `--import`', node: process.execPath, flag: '--import' },
        { name: 'Node 22.15, `--require`', node: further('node22.15'), flag: '--require' },
        { name: 'Node 22.23, `--require`', node: further('node22'), flag: '--require' },
        { name: 'Node 26, `--require`', node: NODE_26, flag: '--require' },
        { name: 'Node 26, `--build-sea` with `useSnapshot`', node: NODE_26, flag: '--require', isExecutable: true },
      ] as const)
    : []),
]

test('an app from a startup snapshot runs as bare, and its spans arrive without an export worker', async (t) => {
  for (const row of ROWS) {
    const skip = !existsSync(row.node) && 'not installed: npm ci --prefix test/matrix'
    await t.test(row.name, { skip }, (it) => tryOut(it, row))
  }
})

async function tryOut(t: TestContext, { name, node, flag, isExecutable }: Row): Promise<void> {
  const folder = temporaryFolder(t, 'snapshot')
  const [app, output, config] = ['app.cjs', 'app', 'sea.json'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ]
  writeFileSync(app, APP)
  writeFileSync(config, JSON.stringify({ main: app, output, useSnapshot: true, disableExperimentalSEAWarning: true }))
  const receiver = await OtlpReceiver.start(t)
  const env = {
    NODE_OPTIONS: `${flag} ${REGISTER}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  const build = isExecutable === true ? ['--build-sea', config] : ['--snapshot-blob', output, '--build-snapshot', app]
  const built = await startProcess(t, node, build, { env, timeoutMs: 120_000 }).exited
  assert.deepEqual([built.code, splitStderr(built.stderr).own], [0, []])

  const running = startProcess(
    t,
    ...((isExecutable === true ? [output, []] : [node, ['--snapshot-blob', output]]) as [string, string[]]),
    { env },
  )
  await running.waitFor(/served/)
  if (flag === '--require') await receiver.waitForSpans(2)
  running.kill('SIGTERM')
  const { code, signal, stdout, stderr } = await running.exited
  assert.deepEqual([code, signal, stdout], [0, null, 'served\n'])
  const { own } = splitStderr(stderr)
  const kinds = distinct(receiver.spans)
    .map(({ kind }) => kind)
    .toSorted()
  if (flag === '--import') {
    assert.deepEqual([own, kinds], [[], []])
    holds('Startup snapshots', name, 'as bare, and nothing of ours: Node does not read `--import` here')
  } else {
    assert.match(own[0] ?? '', /export worker could not be started \(.* from a snapshot\)/)
    assert.deepEqual(kinds, ['client', 'server'])
    holds('Startup snapshots', name, "as bare, complete; one line says that it exports in the app's thread")
  }
}
