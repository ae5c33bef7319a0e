import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { makeCertificates } from '../support/certificates.ts'
import { startCli } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { reject } from '../support/otlp-reply.ts'
import { ROOT } from '../support/paths.ts'
import type { RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Report {
  readonly problems: number
  readonly groups: readonly { readonly checks: readonly Check[] }[]
}

interface Check {
  readonly id: string
  readonly status: string
  readonly text: string
  readonly advice?: string
}

/** An app with this package and Express installed, as links into this repository. */
function project(t: TestContext, app: string): string {
  const folder = temporaryFolder(t, 'doctor')
  mkdirSync(join(folder, 'node_modules', '@paxx'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules', '@paxx', 'obs'))
  symlinkSync(join(ROOT, 'node_modules', 'express'), join(folder, 'node_modules', 'express'))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'shop',
      scripts: { start: 'node --import @paxx/obs/register app.js' },
      dependencies: { '@paxx/obs': '0.1.0' },
    }),
  )
  writeFileSync(join(folder, 'app.js'), app)
  return folder
}

async function diagnose(
  t: TestContext,
  folder: string,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ readonly result: RunResult; readonly checks: (id: string) => Check[] }> {
  const result = await startCli(t, ['doctor', '--json', ...args], { cwd: folder, env, timeoutMs: 60_000 }).exited
  const { groups } = JSON.parse(result.stdout) as Report
  const all = groups.flatMap(({ checks }) => checks)
  return { result, checks: (id) => all.filter((check) => check.id === id) }
}

const SERVER = `
const app = require('express')()
app.get('/users/:id', (request, response) => response.json({ id: request.params.id }))
const server = app.listen(0, '127.0.0.1', async () => {
  await fetch('http://127.0.0.1:' + server.address().port + '/users/7')
})
`

const IMPORTED = `import express from 'express'
const app = express()`

test('a healthy app: an empty export, and what a trial run patched and exported', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) }
  const folder = project(t, SERVER)
  const { result, checks } = await diagnose(t, folder, env, '--seconds', '8', '--', 'node', 'app.js')
  assert.equal(result.code, 0, result.stdout)
  for (const [id, status, text] of [
    ['node', 'ok', /^Node\.js /],
    ['package', 'ok', /^@paxx\/obs 0\.1\.0 resolves/],
    ['flag', 'ok', /"start" loads the preload/],
    ['bundle', 'ok', /app\.js is not a bundle/],
    ['service', 'ok', /^service shop .*package\.json/],
    ['package:express', 'ok', /is instrumented \(express\)/],
    ['collector:traces', 'ok', /accepts exports/],
    ['side port', 'ok', /is free/],
    ['patched', 'ok', /express \d+\.\d+\.\d+.*http/],
    ['exported', 'ok', /^traces: \d+ exported/],
  ] as const) {
    const [check] = checks(id)
    assert.equal(check?.status, status, `${id}: ${JSON.stringify(check)}`)
    assert.match(check?.text ?? '', text)
  }
  assert.match(
    checks('run')
      .map((check) => check.text)
      .join('\n'),
    /app\.js was instrumented as service "shop"/,
  )
  assert.ok(receiver.spans.some(({ name }) => name === 'GET /users/:id'))
})

test('an app with a left-over --experimental-loader: its imports are patched as well', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const folder = project(t, SERVER)
  const imported = SERVER.replace(`const app = require('express')()`, IMPORTED)
  // It ends by itself, however long it takes to start.
  writeFileSync(join(folder, 'app.mjs'), imported.replace(/\}\)\s*$/, '  server.close().closeAllConnections()\n})\n'))
  const loader = pathToFileURL(join(ROOT, 'node_modules/@opentelemetry/instrumentation/hook.mjs')).href
  const command = ['node', '--no-warnings', `--experimental-loader=${loader}`, 'app.mjs']
  const { result, checks } = await diagnose(t, folder, env, '--seconds', '60', '--', ...command)
  const patched = checks('patched')
  assert.deepEqual(
    patched.map(({ status }) => status),
    ['ok'],
    result.stdout,
  )
  assert.match(patched[0]?.text ?? '', /express \d+\.\d+\.\d+/)
})

test('a broken app: each problem is reported with advice, and the exit code is 1', async (t) => {
  const folder = temporaryFolder(t, 'doctor')
  writeFileSync(join(folder, 'package.json'), '{"scripts":{"start":"node -r dd-trace/init out.js"}}')
  writeFileSync(join(folder, 'out.js'), 'var __commonJS = 1\n// node_modules/express/index.js\n')
  const squatter = createServer().listen(0, 'localhost')
  t.after(() => squatter.close())
  await new Promise((resolve) => squatter.once('listening', resolve))
  const { port } = squatter.address() as { port: number }
  const closed = await freePort()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${closed}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    OTEL_TRACES_SAMPLER: 'sometimes',
  }
  const { result, checks } = await diagnose(t, folder, env)
  assert.equal(result.code, 1)
  for (const [id, status, text, advice] of [
    ['package', 'problem', /does not resolve/, /npm install @paxx\/obs/],
    ['flag', 'warning', /neither/, /paxx-obs init/],
    ['bundle', 'warning', /bundled by esbuild/, /external/],
    ['agents', 'problem', /dd-trace is loaded by a flag/, /keep one/],
    ['setting:OTEL_TRACES_SAMPLER', 'problem', /"sometimes" is not one of/, /settings/],
    ['collector:traces', 'problem', /ECONNREFUSED/, /nothing listens there/],
    ['side port', 'warning', /in use/, /the app joins them; .*next 9.*OTEL_EXPORTER_PROMETHEUS_PORT/],
  ] as const) {
    const [check] = checks(id)
    assert.equal(check?.status, status, `${id}: ${JSON.stringify(check)}`)
    assert.match(check?.text ?? '', text)
    assert.match(check?.advice ?? '', advice)
  }
})

test('a collector that rejects the credentials, over HTTP', async (t) => {
  const receiver = await OtlpReceiver.start(t, { reply: () => reject('UNAUTHENTICATED') })
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  }
  const { checks } = await diagnose(t, temporaryFolder(t, 'doctor'), env)
  const [check] = checks('collector:traces')
  assert.equal(check?.status, 'problem')
  assert.match(check?.advice ?? '', /OTEL_EXPORTER_OTLP_HEADERS/)
})

test('a collector with a certificate of an unknown authority', async (t) => {
  const receiver = await OtlpReceiver.start(t, { tls: makeCertificates(t) })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const { checks } = await diagnose(t, temporaryFolder(t, 'doctor'), env)
  const [check] = checks('collector:traces')
  assert.equal(check?.status, 'problem')
  assert.match(check?.advice ?? '', /OTEL_EXPORTER_OTLP_CERTIFICATE/)
})

test('a trial run through npm: npm is not instrumented, the app is; a command that ends by itself ends the run', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const folder = project(t, "require('node:http'); require('@opentelemetry/api')")
  symlinkSync(join(ROOT, 'node_modules', '@opentelemetry'), join(folder, 'node_modules', '@opentelemetry'))
  const { result, checks } = await diagnose(t, folder, env, '--', 'npm', 'start', '--silent')
  assert.equal(result.code, 0, result.stdout)
  const lines = checks('run').map(({ text }) => text)
  assert.match(lines.join('\n'), /ended with code 0/)
  assert.match(lines.join('\n'), /npm\S* was not instrumented/)
  assert.match(lines.join('\n'), /app\.js was instrumented/)
})

test('the text output is wrapped at 80 columns', async (t) => {
  const env = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const { code, stdout, stderr } = await startCli(t, ['doctor'], { cwd: project(t, SERVER), env }).exited
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^Loading\n {2}ok +Node\.js /)
  assert.match(stdout, /\n(?:No problems found|\d+ warnings?)\.\n$/)
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  )
})
