import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { runNode } from '../support/run-node.ts'
import { startServingApp } from '../support/serving-app.ts'
import { scrape } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SWITCHES = [{ METRICS_ENABLED: ' off ' }, { METRICS_ENABLED: 'FALSE' }, { OTEL_SDK_DISABLED: 'True' }]

for (const env of SWITCHES) {
  const label = Object.entries(env).flat().join('=')

  test(`${label}: no port, no connection, no log line`, async (t) => {
    const serving = await startServingApp(t, {
      app: 'use-own-spans.mjs',
      env: { ...env, OTEL_METRICS_EXPORTER: 'prometheus,otlp' },
    })
    assert.equal((await serving.get('/')).body, 'ordered')
    await assert.rejects(scrape(serving.sidePort), { code: 'ECONNREFUSED' })
    serving.process.kill('SIGTERM')
    const result = await serving.process.exited
    assert.deepEqual([result.code, result.signal, result.stderr], [null, 'SIGTERM', ''])
    assert.equal(serving.receiver.requests.length, 0)
  })

  test(`${label}: the process is as bare Node's`, async (t) => {
    const [bare, off] = [
      await runNode(t, { app: 'use-listeners.cjs', preload: 'none', env }),
      await runNode(t, { app: 'use-listeners.cjs', preload: 'require', env }),
    ].map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>)
    for (const aspect of ['env', 'argv', 'listeners', 'handles'])
      assert.deepEqual(off?.[aspect], bare?.[aspect], aspect)
  })
}

test("a switch in .env works, and is not in the app's environment", async (t) => {
  const folder = temporaryFolder(t, 'kill')
  writeFileSync(join(folder, '.env'), 'METRICS_ENABLED=false\nSECRET_OF_THE_APP=1\n')
  const receiver = await OtlpReceiver.start(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl }
  const bare = await runNode(t, { app: 'use-listeners.cjs', preload: 'none', env, cwd: folder })
  const off = await runNode(t, { app: 'use-listeners.cjs', env, cwd: folder })
  assert.equal(off.stderr, '')
  assert.equal(receiver.requests.length, 0)
  assert.deepEqual(JSON.parse(off.stdout).env, JSON.parse(bare.stdout).env)
})
