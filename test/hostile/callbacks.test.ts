import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { startNode } from '../support/run-node.ts'
import { httpGet } from '../support/scrape.ts'

/** What a callback of the app, which telemetry calls, may do to the process: it ends as it says, once, with its spans delivered. */
const APP = join(import.meta.dirname, 'apps/exit-in-callback.mjs')

interface Row {
  readonly does: string
  readonly ends: 'natural' | 'exit' | 'signal' | 'scrape'
  readonly outcome: number | NodeJS.Signals
}

/** Where metrics are pushed, callbacks are called at the end of the process too. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  prometheus: [
    { does: 'exits', ends: 'natural', outcome: 3 },
    { does: 'exits', ends: 'signal', outcome: 'SIGTERM' },
    { does: 'exits', ends: 'scrape', outcome: 3 },
    { does: 'kills', ends: 'scrape', outcome: 'SIGTERM' },
    { does: 'aborts', ends: 'scrape', outcome: 3 },
  ],
  // Callbacks are called at the end of the process too.
  'otlp,prometheus': [
    { does: 'exits', ends: 'natural', outcome: 3 },
    { does: 'exits', ends: 'exit', outcome: 3 },
    { does: 'exits', ends: 'signal', outcome: 3 },
    { does: 'exits', ends: 'scrape', outcome: 3 },
    { does: 'kills', ends: 'natural', outcome: 'SIGTERM' },
    { does: 'kills', ends: 'scrape', outcome: 'SIGTERM' },
    { does: 'aborts', ends: 'natural', outcome: 3 },
    { does: 'throws', ends: 'natural', outcome: 3 },
    { does: 'never', ends: 'natural', outcome: 3 },
    { does: 'rejects', ends: 'signal', outcome: 'SIGTERM' },
    { does: 'ends a span', ends: 'natural', outcome: 3 },
    { does: 'makes instruments', ends: 'natural', outcome: 3 },
    { does: 'exits in a log record', ends: 'natural', outcome: 3 },
    { does: 'exits in an attribute', ends: 'natural', outcome: 3 },
  ],
}

for (const [exporters, rows] of Object.entries(ROWS)) {
  for (const { does, ends, outcome } of rows) {
    test(`a callback that ${does}, and an end by ${ends}, with ${exporters}: ${outcome}, and the spans leave`, async (t) => {
      const receiver = await OtlpReceiver.start(t)
      const port = await freePort()
      const app = startNode(t, {
        app: APP,
        args: [does, ends],
        env: {
          OTEL_METRICS_EXPORTER: exporters,
          OTEL_LOGS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
          // How long an end may take is another test's: on a busy machine the export worker takes longer to start than the default.
          OBS_EXIT_FLUSH_TIMEOUT: '20000',
          OBS_SIGNAL_FLUSH_TIMEOUT: '20000',
        },
      })
      await app.waitFor(/^ready$/m)
      if (ends === 'scrape') {
        await app.waitFor(/metrics on/, 'stderr')
        await httpGet(`http://127.0.0.1:${port}/metrics`, { host: 'localhost' }).catch(() => {})
      }
      const { code, signal, stderr, stdout } = await app.exited
      assert.equal(code ?? signal, outcome, stderr)
      assert.equal(stdout, 'ready\n')
      assert.doesNotMatch(stderr, /call stack|could not be sent/)
      const names = receiver.spans.map(({ name }) => name)
      assert.ok(names.includes('before'), `${names.join()}\n${stderr}`)
    })
  }
}

test('callbacks that fail with null, undefined and values that throw when read lose their own metric only when metrics are pushed', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const app = startNode(t, {
    app: join(import.meta.dirname, 'apps/callbacks-that-fail.mjs'),
    stdinStaysOpen: true,
    env: {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    },
  })
  const reported = (): number => receiver.metrics.filter(({ name }) => name === 'good').length
  await eventually(() => reported() >= 3)
  const before = reported()
  app.child.stdin?.end()
  const { code, stderr } = await app.exited
  assert.equal(code, 0, stderr)
  // The end of the process pushes once more.
  assert.ok(reported() > before)
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.includes('no side port'))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] ?? '', /^@paxx\/obs: could not collect some metrics, which are missing from exports: \S/)
})
