import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pm2Worker } from '../../../src/base/pm2-worker.ts'

test("a PM2 cluster worker's environment, script and folder are the app's", () => {
  const app = { OTEL_SERVICE_NAME: 'shop', PORT: 80, pm_exec_path: '/app/server.js', pm_cwd: '/app', args: ['a'] }
  const found = pm2Worker({ HOME: '/root', OTEL_SERVICE_NAME: 'daemon', pm2_env: JSON.stringify(app) })
  assert.equal(found?.mainScript, '/app/server.js')
  assert.equal(found.cwd, '/app')
  assert.equal(found.env['OTEL_SERVICE_NAME'], 'shop')
  assert.equal(found.env['HOME'], '/root')
  assert.equal(found.env['PORT'], '80')
  assert.equal(found.env['args'], undefined)
})

test('all other processes are no such worker', () => {
  for (const env of [{}, { pm2_env: '' }, { pm2_env: '{' }, { pm2_env: 'null' }])
    assert.equal(pm2Worker(env), undefined)
})
