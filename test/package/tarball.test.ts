import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { installTarball, npm } from '../support/installed-tarball.ts'
import type { InstalledTarball } from '../support/installed-tarball.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { runNode } from '../support/run-node.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import { spanTree } from '../support/span-tree.ts'

let installed: InstalledTarball

before(() => {
  installed = installTarball()
})
after(() => installed.remove())

test('it is small: under 5.2 MB and under 10 packages with all dependencies', () => {
  assert.ok(installed.sizeBytes < 5_200_000, `${installed.sizeBytes} bytes`)
  assert.ok(installed.packages.length < 10, installed.packages.join(', '))
})

test('it contains no sources, tests or tools', () => {
  const { stdout } = spawnSync('tar', ['-tzf', installed.tarball], { encoding: 'utf8' })
  const files = stdout.trim().split('\n')
  const expected = /^package\/(dist\/|register\/|README\.md$|CHANGELOG\.md$|LICENSE$|package\.json$)/
  assert.deepEqual(
    files.filter((file) => !expected.test(file)),
    [],
  )
  assert.ok(files.includes('package/dist/THIRD_PARTY_LICENSES'))
})

test('publint and attw find nothing', () => {
  for (const [command, ...args] of [
    ['publint', 'run', '--strict', installed.tarball],
    ['attw', '--profile', 'node16', '--no-emoji', '--no-color', installed.tarball],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', command), args, {
      encoding: 'utf8',
    })
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`)
  }
})

test('both entries load from CommonJS and ESM, and the API does nothing without the preload', async (t) => {
  const use = 'console.log(typeof obs.getTracer, obs.withSpan("work", () => 42))'
  for (const [type, load] of [
    ['module', 'import * as obs from "@paxx/obs"'],
    ['commonjs', 'const obs = require("@paxx/obs")'],
  ] as const) {
    const nodeArgs = [`--input-type=${type}`, '-e', `${load}; ${use}`]
    const { stdout, stderr, code } = await runNode(t, { preload: 'none', nodeArgs, cwd: installed.folder })
    assert.deepEqual([stdout, stderr, code], ['function 42\n', '', 0])
  }
})

test('npx finds the command line, which is not instrumented under NODE_OPTIONS', async (t) => {
  const bin = join(installed.folder, 'node_modules', '.bin', 'paxx-obs')
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    NODE_OPTIONS: '--import @paxx/obs/register',
  }
  const { stdout, stderr, code } = await startProcess(t, bin, ['init', '--dry-run', '--grafana'], {
    cwd: installed.folder,
    env,
  }).exited
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^\+\+\+ observability\/grafana\/dashboards\/obs\.json$/m)
})

test('an ESM Express app with pg, ioredis and fetch: one flag, one trace, correct counts', async (t) => {
  npm(installed.folder, 'install', '--ignore-scripts', ...clientsOfThisRepository())
  copyFileSync(join(ROOT, 'test', 'package', 'consumer-app.mjs'), join(installed.folder, 'app.mjs'))
  const [postgres, redis] = [await startPostgres(), await startRedis()]
  t.after(async () => {
    await postgres.stop()
    await redis?.stop()
  })
  const app = await startServingApp(t, {
    app: join(installed.folder, 'app.mjs'),
    register: '@paxx/obs/register',
    cwd: installed.folder,
    env: { ...postgres.env, ...redis?.env },
  })
  const { body } = await app.get('/orders/7')
  const inOrders = (
    await app.receiver.waitForSpans((spans) => spans.some(({ name }) => name === 'GET /orders/:id'))
  ).find(({ name }) => name === 'GET /orders/:id')
  const trace = app.receiver.spans.filter(({ traceId }) => traceId === inOrders?.traceId)
  assert.equal(spanTree(trace), EXPECTED_TREE.trim().replace(redis ? '' : '├─ client set\n', ''))
  assert.match(JSON.parse(body).traceparent, new RegExp(`^00-${inOrders?.traceId}-`))
  assert.equal(inOrders?.resource['service.name'], 'shop')
  const metrics = await scrape(app.sidePort)
  assert.equal(metrics.sum('http_requests_total', { method: 'GET', endpoint: '/orders/:id', status: '200' }), 1)
  app.process.kill('SIGINT')
  const { signal } = await app.process.exited
  assert.equal(signal, 'SIGINT')
})

const EXPECTED_TREE = `
server GET /orders/:id
├─ client pg.connect
├─ client SELECT postgres
├─ client set
└─ client GET
   └─ server GET`

/** The same versions as everywhere in these tests. */
function clientsOfThisRepository(): string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return ['express', 'pg', 'ioredis'].map((name) => `${name}@${devDependencies[name]}`)
}
