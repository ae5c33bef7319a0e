import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { further, holds } from './shapes.ts'

/** Serves itself a request, asks its own side port when it has one, and goes on until its stdin ends. */
const APP = `
  const { createServer } = require('node:http')
  const { once } = require('node:events')
  const { setTimeout: sleep } = require('node:timers/promises')
  const metrics = () => fetch('http://localhost:' + process.env.OTEL_EXPORTER_PROMETHEUS_PORT + '/metrics').catch(() => {})
  const server = createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', async function () {
    console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text())
    while (process.env.OTEL_EXPORTER_PROMETHEUS_PORT && !(await metrics())) await sleep(20)
    await once(process.stdin.resume(), 'end')
    server.close()
  })`

test("an app under Node's permission model runs as bare, and is traced and logged", { concurrency: 2 }, async (t) => {
  const folder = temporaryFolder(t, 'permission')
  writeFileSync(join(folder, 'app.cjs'), APP)
  const rows = [['--allow-fs-read=*'], [`--allow-fs-read=${folder}`, `--allow-fs-read=${ROOT}`]].map((allowed, index) =>
    t.test(allowed.join(' '), async (row) => {
      const args = ['--permission', ...allowed]
      const bare = await startProcess(row, process.execPath, [...args, join(folder, 'app.cjs')], { stdin: '' }).exited
      assert.equal(bare.stdout, 'served\n')
      const receiver = await OtlpReceiver.start(row)
      const running = startProcess(row, process.execPath, [...args, '--import', REGISTER, join(folder, 'app.cjs')], {
        stdinStaysOpen: true,
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
          OTEL_BSP_SCHEDULE_DELAY: '50',
        },
      })
      await receiver.waitForSpans(2)
      running.child.stdin?.end()
      const ours = await running.exited
      const { own, app } = splitStderr(ours.stderr)
      assert.deepEqual([ours.code, ours.stdout, app], [bare.code, bare.stdout, []])
      assert.match(own.join('\n'), /export worker could not be started \(.*--allow-worker/)
      const spans = receiver.spans.map(({ kind, name }) => `${kind} ${name}`)
      assert.ok(spans.includes('server GET') && spans.includes('client GET'), spans.join())
      const name = index === 0 ? '`--permission --allow-fs-read=*`' : '`--permission`, its own folders alone'
      holds('Launchers', name, "as bare, complete; one line says that it exports in the app's thread")
    }),
  )
  await Promise.all(rows)
})

const NODE_26 = further('node26')

test(
  'without --allow-net, the app runs as bare, and lines say that nothing is served or exported',
  { skip: !existsSync(NODE_26) && 'not installed: npm ci --prefix test/matrix' },
  async (t) => {
    const file = join(temporaryFolder(t, 'permission'), 'app.cjs')
    writeFileSync(
      file,
      "const timer = setInterval(() => {}, 1000); process.on('SIGTERM', () => clearInterval(timer)); console.log('up')",
    )
    const running = startProcess(t, NODE_26, ['--permission', '--allow-fs-read=*', '--import', REGISTER, file])
    await running.waitFor(/no metrics/, 'stderr')
    running.kill('SIGTERM')
    const { code, signal, stdout, stderr } = await running.exited
    const { own, app } = splitStderr(stderr)
    assert.deepEqual([code, signal, stdout, app], [0, null, 'up\n', []])
    assert.match(own.join('\n'), /no metrics: .*permission model denies it; --allow-net permits it/)
    holds(
      'Launchers',
      'Node 26, `--permission --allow-fs-read=*`, without `--allow-net`',
      'as bare; one line says that nothing is served, and one why exports fail',
    )
  },
)
