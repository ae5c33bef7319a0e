import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runNode } from '../support/run-node.ts'
import { splitStderr } from '../support/own-lines.ts'

/** Frameworks do this in each request: it is harmless, and nothing that a user of the app can change. */
const LATE = `
const span = require('@opentelemetry/api').trace.getTracer('app').startSpan('done')
span.end()
span.setAttribute('a', 1)
span.updateName('other')
span.addEvent('late')
span.recordException(new Error('late'))
span.end()
`

for (const [level, lines] of [
  ['info', 0],
  ['debug', 5],
] as const) {
  test(`changes to an ended span are logged at level debug only (${level})`, async (t) => {
    const { code, stderr } = await runNode(t, {
      nodeArgsAfter: ['-e', LATE],
      env: {
        OTEL_LOG_LEVEL: level,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OBS_EXIT_FLUSH_TIMEOUT: '1',
      },
    })
    assert.equal(code, 0, stderr)
    const about = splitStderr(stderr).own.filter((line) => /ended Span|end\(\) on a span once/.test(line))
    assert.equal(about.length >= lines && (lines > 0 || about.length === 0), true, stderr)
  })
}
