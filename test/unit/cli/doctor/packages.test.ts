import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  agentChecks,
  apiCopyChecks,
  coveredPackages,
  packageChecks,
  supports,
} from '../../../../src/cli/doctor/packages.ts'
import { withDependencies } from '../../../../src/cli/doctor/installed.ts'
import { CATALOG } from '../../../../src/hooks/catalog.generated.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

function withPackages(t: TestContext, packages: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t, 'doctor')
  for (const [path, version] of Object.entries(packages)) {
    const file = join(folder, 'node_modules', path, 'package.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify({ name: path, version }))
  }
  return folder
}

test('packages are resolved as Node.js does, and reported with their version', (t) => {
  const root = withPackages(t, { express: '5.1.0', pg: '7.0.0', ioredis: '5.4.1', lodash: '4.0.0' })
  const folder = join(root, 'apps', 'shop')
  mkdirSync(folder, { recursive: true })
  const on = new Set(Object.keys(CATALOG).filter((name) => name !== 'ioredis'))
  const checks = packageChecks(coveredPackages(folder, CATALOG, on))
  assert.deepEqual(
    checks.map(({ id, status }) => [id, status]),
    [
      ['package:express', 'ok'],
      ['package:ioredis', 'info'],
      ['package:pg', 'warning'],
    ],
  )
  assert.match(checks[2]?.advice ?? '', /^supported: >=8/)
})

test('packages that are made of others, or that others are made of', (t) => {
  const folder = withPackages(t, { express: '5.1.0', router: '2.2.0', redis: '5.0.0', '@redis/client': '5.0.0' })
  const checks = packageChecks(coveredPackages(folder, CATALOG, new Set(Object.keys(CATALOG))))
  assert.deepEqual(
    checks.map(({ status, text }) => [status, text]),
    [
      ['ok', '@redis/client 5.0.0 is instrumented (redis)'],
      ['ok', 'express 5.1.0 is instrumented (express)'],
      ['ok', 'redis 5.0.0 is instrumented through @redis/client 5.0.0'],
      ['ok', 'router 2.2.0 is instrumented as part of express 5.1.0'],
    ],
  )
})

test('packages inside a bundle without the plugin are not called instrumented', (t) => {
  const folder = withPackages(t, { express: '5.1.0', pg: '8.16.0' })
  const covered = coveredPackages(folder, CATALOG, new Set(Object.keys(CATALOG)))
  assert.deepEqual(
    packageChecks(covered, new Set(['express'])).map(({ status, text }) => [status, text]),
    [
      ['info', 'express 5.1.0 is inside the bundle, and not instrumented as a package'],
      ['ok', 'pg 8.16.0 is instrumented (pg)'],
    ],
  )
})

test('what packages inside a bundle depend on is inside it as well', (t) => {
  const folder = withPackages(t, { lodash: '4.0.0' })
  const install = (name: string, ...dependencies: string[]): void => {
    mkdirSync(join(folder, 'node_modules', name))
    const wanted = Object.fromEntries(dependencies.map((each) => [each, '*']))
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, dependencies: wanted }))
  }
  install('express', 'router', 'finalhandler', 'gone')
  install('router', 'parseurl')
  install('finalhandler', 'express')
  assert.deepEqual([...withDependencies(folder, ['express'])].toSorted(), [
    'express',
    'finalhandler',
    'gone',
    'parseurl',
    'router',
  ])
  assert.deepEqual([...withDependencies(folder, [])], [])
})

test('version ranges of the catalog', () => {
  assert.equal(supports(['>=8.0.3 <9'], '8.16.0'), true)
  assert.equal(supports(['>=8.0.3 <9'], '9.0.0'), false)
  assert.equal(supports(['^4.0.0', '>=5.0.0 <6'], '5.0.0-beta.1'), false)
  assert.equal(supports(['*'], '0.0.1'), true)
  assert.equal(supports([], '1.0.0'), true)
})

test('copies of the API, also those of pnpm, each once', (t) => {
  const folder = withPackages(t, {
    '@opentelemetry/api': '1.9.0',
    'a/node_modules/@opentelemetry/api': '1.10.0',
    '.pnpm/@opentelemetry+api@1.4.1/node_modules/@opentelemetry/api': '1.4.1',
  })
  mkdirSync(join(folder, 'node_modules/b/node_modules/@opentelemetry'), { recursive: true })
  symlinkSync(
    join(folder, 'node_modules/@opentelemetry/api'),
    join(folder, 'node_modules/b/node_modules/@opentelemetry/api'),
  )
  const fine = apiCopyChecks(folder, '>=1.3.0 <1.11.0')
  assert.deepEqual([fine.length, fine[0]?.status], [1, 'ok'])
  assert.match(fine[0]?.text ?? '', /^3 copies/)
  const strict = apiCopyChecks(folder, '>=1.9.0 <1.10.0')
  assert.deepEqual(
    strict.map(({ status }) => status),
    ['problem', 'problem'],
  )
})

test('other agents: installed is a warning, by a flag is a problem', (t) => {
  const folder = withPackages(t, { 'dd-trace': '6.0.0', 'my-newrelic': '1.0.0' })
  const checks = agentChecks(folder, '--require @opentelemetry/auto-instrumentations-node/register', [
    'node -r newrelic app.js',
  ])
  assert.deepEqual(
    checks.map(({ status, text }) => [status, text.split(' ')[0]]),
    [
      ['warning', 'dd-trace'],
      ['problem', 'newrelic'],
      ['problem', '@opentelemetry/auto-instrumentations-node'],
    ],
  )
  assert.equal(
    agentChecks(withPackages(t, { 'my-newrelic': '1.0.0' }), '--import @paxx/obs/register', ['node x'])[0]?.status,
    'ok',
  )
})
