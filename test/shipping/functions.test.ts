import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { pause } from '../support/pause.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { installed } from './packages.ts'
import { ALL, holds } from './shapes.ts'

/** Google's own runtime of Cloud Run functions: it serves what the module registers, or exports. */
const MAIN = installed('@google-cloud/functions-framework/build/src/main.js')
const FRAMEWORK = join(MAIN ?? '', '../../..')

const BODY = `{
  await fetch('http://127.0.0.1:' + process.env.PORT + '/inner?inner=1').then((answer) => answer.text())
  response.json({ path: request.path })
}`

const FUNCTIONS: readonly { readonly name: string; readonly file: string; readonly text: string }[] = [
  {
    name: 'CommonJS, registered',
    file: 'index.cjs',
    text: `require('@google-cloud/functions-framework').http('shop', async (request, response) => {
      if (request.query.inner) return response.send('inner')
      ${BODY}
    })`,
  },
  {
    name: 'an ES module, exported',
    file: 'index.mjs',
    text: `export const shop = async (request, response) => {
      if (request.query.inner) return response.send('inner')
      ${BODY}
    }`,
  },
]

function folderOf(t: TestContext, file: string, text: string): string {
  const folder = temporaryFolder(t, 'function')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', main: file }))
  writeFileSync(join(folder, file), text)
  mkdirSync(join(folder, 'node_modules/@google-cloud'), { recursive: true })
  symlinkSync(FRAMEWORK, join(folder, 'node_modules/@google-cloud/functions-framework'))
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'))
  return folder
}

const skip =
  MAIN === undefined ? 'not installed: npm ci --prefix test/shipping/every' : !ALL && 'part of OBS_TEST_SHIPPING=all'

test("functions under Google's runtime lose nothing when they are stopped between requests", { skip }, async (t) => {
  for (const { name, file, text } of FUNCTIONS) {
    await t.test(name, async (row) => {
      const folder = folderOf(row, file, text)
      const serve = async (args: readonly string[], env: object): Promise<unknown> => {
        const port = String(await freePort())
        const running = startProcess(row, process.execPath, [...args, MAIN as string, '--target=shop'], {
          cwd: folder,
          env: { PORT: port, K_SERVICE: 'shop', K_REVISION: 'shop-00001', ...env },
          timeoutMs: 240_000,
        })
        await eventually(async () => (await fetch(`http://127.0.0.1:${port}/up?inner=1`)).ok)
        const answers = []
        for (const path of ['/a', '/b']) {
          const response = await fetch(`http://127.0.0.1:${port}${path}`)
          answers.push([response.status, await response.text()])
          // Without a request the instance gets next to no processor time.
          running.kill('SIGSTOP')
          await pause(200, 'how long the instance stands still')
          running.kill('SIGCONT')
        }
        running.kill('SIGTERM')
        const { code, signal, stderr } = await running.exited
        return { answers, code, signal, stderr: splitStderr(stderr).app }
      }
      const bare = await serve([], {})
      const receiver = await OtlpReceiver.start(row)
      const ours = await serve(['--require', REGISTER], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_METRICS_EXPORTER: 'otlp',
        OBS_EXIT_FLUSH_TIMEOUT: '60000',
        OBS_SIGNAL_FLUSH_TIMEOUT: '60000',
      })
      assert.deepEqual(ours, bare)
      const paths = receiver.spans
        .filter(({ kind }) => kind === 'server')
        .map(({ attributes }) => attributes['url.path'])
      assert.deepEqual(paths.filter((path) => path !== '/up').toSorted(), ['/a', '/b', '/inner', '/inner'])
      assert.equal(receiver.spans.filter(({ kind }) => kind === 'client').length, 2)
      assert.ok(receiver.metrics.some(({ name: metric }) => metric === 'http.server.request.duration'))
      holds("Google's functions-framework", name, 'as bare, complete, stopped between requests and ended by SIGTERM')
    })
  }
})
