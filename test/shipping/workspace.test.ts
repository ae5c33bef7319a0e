import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { environmentOfNpm, npm } from '../support/installed-tarball.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { installed } from './packages.ts'
import { ALL, holds } from './shapes.ts'

const PNPM = installed('pnpm/bin/pnpm.cjs')

/** Serves itself a request, from a thread that is started after the app has left its folder too. */
const APP = `
  const { createServer } = require('node:http'), { isMainThread, Worker } = require('node:worker_threads')
  const server = createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', async function () {
    console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text())
    server.close()
    if (isMainThread) {
      process.chdir('/')
      new Worker(__filename)
    }
  })`

/** A workspace in which one package has the dependency, as \`init\` writes it, and the root has not. */
function workspace(t: TestContext): string {
  const base = temporaryFolder(t, 'workspace')
  const root = join(base, 'root')
  mkdirSync(join(root, 'packages/app'), { recursive: true })
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', base)
  writeFileSync(join(root, 'package.json'), '{ "name": "root", "private": true }')
  writeFileSync(join(root, 'pnpm-workspace.yaml'), "packages: ['packages/*']\n")
  writeFileSync(
    join(root, 'packages/app/package.json'),
    JSON.stringify({
      name: 'app',
      scripts: { start: 'node --import @paxx/obs/register app.cjs' },
      dependencies: { '@paxx/obs': `file:${join(base, 'paxx-obs-0.1.0.tgz')}` },
    }),
  )
  writeFileSync(join(root, 'packages/app/app.cjs'), APP)
  execFileSync(process.execPath, [PNPM as string, 'install'], { cwd: root, env: environmentOfNpm(), stdio: 'pipe' })
  return root
}

const FROM_ROOT: readonly string[] = [
  'pnpm --silent --filter app start',
  'pnpm --silent -C packages/app start',
  'pnpm --filter app exec node --import @paxx/obs/register app.cjs',
  'pnpm --filter app exec paxx-obs run app.cjs',
  'node --import ./packages/app/node_modules/@paxx/obs/register/index.cjs packages/app/app.cjs',
]

const skip = !ALL ? 'part of OBS_TEST_SHIPPING=all' : PNPM === undefined && 'not installed: npm ci --prefix test/tools'

test('an app of a pnpm workspace is started from the root of the workspace', { skip }, async (t) => {
  const root = workspace(t)
  for (const command of FROM_ROOT) {
    await t.test(command, async (row) => {
      const receiver = await OtlpReceiver.start(row)
      const shell = command.replace(/^pnpm/, `"${process.execPath}" "${PNPM}"`)
      const { code, stdout, stderr } = await startProcess(row, 'sh', ['-c', shell], {
        cwd: root,
        env: {
          PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_METRICS_EXPORTER: 'none',
          OBS_EXIT_FLUSH_TIMEOUT: '60000',
        },
      }).exited
      assert.deepEqual([code, stdout, splitStderr(stderr).app], [0, 'served\nserved\n', []])
      assert.equal(receiver.spans.length, 4)
      holds('Started elsewhere', `\`${command}\`, in the root of a pnpm workspace`)
    })
  }
})
