import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode, startNode } from '../support/run-node.ts'

const EXPRESS = JSON.stringify(createRequire(import.meta.filename).resolve('express'))
const OWN_API = JSON.stringify(join(ROOT, 'dist/index.cjs'))

/** What an app does, whether that is a use of telemetry, and the spans that come of it. */
const CASES: readonly (readonly [label: string, code: string, isUse: boolean, spans?: readonly string[]])[] = [
  ['nothing', '', false],
  ['a builtin that is not instrumented', "require('node:path')", false],
  ['loading the API without using it', "require('@opentelemetry/api')", false],
  ['loading the public API without using it', `require(${OWN_API})`, false],
  ['a span', "require('@opentelemetry/api').trace.getTracer('app').startSpan('work').end()", true, ['work']],
  ['a span by the public API', `require(${OWN_API}).withSpan('work', () => {})`, true, ['work']],
  ['a meter', "require('@opentelemetry/api').metrics.getMeter('app')", true],
  ['the readiness', `require(${OWN_API}).setReady(false)`, true],
  ['an instrumented builtin', "require('node:http')", true],
  ['the same by an import', "import('node:http')", true],
  ['the same without a module', "process.getBuiltinModule('http')", true],
  ['an instrumented package by its path', `require(${EXPRESS})`, true],
  ['a fetch', "fetch('http://127.0.0.1:1024/').catch(() => {})", true, ['GET']],
]

for (const [label, code, isUse, spans = []] of CASES) {
  test(`${label} is ${isUse ? 'a' : 'no'} use of telemetry`, async (t) => {
    const receiver = await OtlpReceiver.start(t)
    const report =
      "process.on('exit', () => console.log(Object.keys(require.cache).some((file) => /stages/.test(file))))"
    const { code: exitCode, stdout } = await runNode(t, {
      nodeArgs: ['--input-type=commonjs', '-e', `${report}\n${code}`],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OBS_EXIT_FLUSH_TIMEOUT: '10000',
      },
    })
    assert.deepEqual([exitCode, stdout], [0, `${isUse}\n`])
    if (spans.length > 0) await receiver.waitForSpans(spans.length)
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      spans,
    )
  })
}

test('a process that uses nothing has its side port as well, when it stays alive', async (t) => {
  const port = await freePort()
  const app = startNode(t, {
    nodeArgs: ['-e', 'setInterval(() => {}, 1000)'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
  })
  await app.waitFor(/metrics on http/, 'stderr')
  assert.equal((await fetch(`http://localhost:${port}/metrics`)).status, 200)
  app.kill('SIGKILL')
})
