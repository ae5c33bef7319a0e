import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { accept, reject } from '../support/otlp-reply.ts'
import type { Reply } from '../support/otlp-reply.ts'
import { closedUrl } from '../support/raw-peer.ts'
import { runNode } from '../support/run-node.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

/** What becomes of telemetry is a metric, and an outage ends soon after the collector's return. */

test('rejected items are counted by reason, and the last success has a timestamp', async (t) => {
  let reply: Reply = reject('INVALID_ARGUMENT')
  const app = await startServingApp(t, { app: 'use-http.mjs', receiver: { reply: () => reply } })
  const figure = async (name: string, labels: Record<string, string> = {}): Promise<number | undefined> =>
    (await scrape(app.sidePort)).find(name, labels)[0]?.value
  await app.get('/')
  await app.process.waitFor(/failed \(INVALID_ARGUMENT/, 'stderr')
  assert.equal(await figure('obs_export_dropped_total', { signal: 'traces', reason: 'rejected' }), 1)
  assert.equal(await figure('obs_export_last_success_timestamp_seconds', { signal: 'traces' }), 0)
  assert.equal(await figure('otel_sdk_exporter_span_exported_total', { error_type: 'rejected' }), 1)
  reply = accept
  await app.get('/')
  await app.process.waitFor(/recovered; 1 span dropped/, 'stderr')
  // The worker says it, and the main thread hears of it a moment later.
  await eventually(async () => {
    const lastSuccessS = (await figure('obs_export_last_success_timestamp_seconds', { signal: 'traces' })) ?? 0
    assert.ok(Math.abs(lastSuccessS - Date.now() / 1000) < 60, `${lastSuccessS} s`)
  })
  assert.equal(await figure('obs_export_dropped_total', { signal: 'traces', reason: 'queue_full' }), 0)
  assert.equal(await figure('otel_sdk_processor_span_queue_capacity'), 2048)
})

for (const rest of ['setTimeout(() => {}, 300)', 'setTimeout(() => process.exit(0))']) {
  test(`items beyond the queue size are dropped, counted and logged in one line: ${rest}`, async (t) => {
    const receiver = await OtlpReceiver.start(t)
    const burst = `
    const { trace } = require('@opentelemetry/api')
    setTimeout(() => {
      for (let i = 0; i < 100; i++) trace.getTracer('burst').startSpan('s').end()
    })
    ${rest}`
    const { stderr, code } = await runNode(t, {
      nodeArgsAfter: ['-e', burst],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_METRICS_EXPORTER: 'none',
        OBS_EXIT_FLUSH_TIMEOUT: '10000',
        OTEL_BSP_MAX_QUEUE_SIZE: '10',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      },
    })
    assert.equal(code, 0)
    assert.equal(receiver.spans.length, 10)
    assert.equal(stderr.match(/traces: 90 spans dropped, the queue is full/g)?.length, 1, stderr)
  })
}

for (const [label, end] of [
  ['process.exit()', 'process.exit(0)'],
  ['a natural end', ''],
  ['SIGTERM', 'setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM")'],
] as const) {
  test(`pushed metrics arrive at ${label}`, async (t) => {
    const receiver = await OtlpReceiver.start(t)
    const script = `
      const { metrics } = require('@opentelemetry/api')
      const meter = metrics.getMeter('last')
      meter.createCounter('last.counter').add(7)
      meter.createObservableGauge('last.gauge').addCallback((result) => result.observe(3))
      meter.createObservableGauge('last.broken').addCallback(() => { throw new Error('broken') })
      ${end}`
    const { stderr } = await runNode(t, {
      nodeArgsAfter: ['-e', script],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_TRACES_EXPORTER: 'none',
        OBS_EXIT_FLUSH_TIMEOUT: '10000',
        OTEL_LOG_LEVEL: 'warn',
      },
    })
    const values = Object.fromEntries(receiver.metrics.map(({ name, points }) => [name, points[0]?.value]))
    assert.deepEqual([values['last.counter'], values['last.gauge'], values['last.broken']], [7, 3, undefined])
    assert.equal(stderr, '')
  })
}

test("spans of an outage arrive after the collector's return", async (t) => {
  const grpcPort = await freePort()
  const app = await startServingApp(t, {
    app: 'use-http.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${grpcPort}` },
  })
  await app.get('/')
  await app.process.waitFor(/export failed|export to .* failed/, 'stderr')
  const receiver = await OtlpReceiver.start(t, { grpcPort })
  await receiver.waitForSpans(1)
})

const THREE_SPANS = `
  const { trace } = require('@opentelemetry/api')
  for (let i = 0; i < 3; i++) trace.getTracer('short').startSpan('s').end()
  console.log('done')`

test('if neither a thread nor a child can be started, the app runs, and lines say why and how much is dropped', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const { stdout, stderr, code } = await runNode(t, {
    nodeArgs: ['--permission', '--allow-fs-read=*'],
    nodeArgsAfter: ['-e', `${THREE_SPANS}; process.exit()`],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_METRICS_EXPORTER: 'none' },
  })
  assert.deepEqual([stdout, code], ['done\n', 0])
  const lines = stderr.split('\n').filter((line) => /dropped/.test(line))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] ?? '', /^@paxx\/obs: traces: 3 spans dropped at exit/)
  assert.match(
    stderr,
    /^@paxx\/obs: the export worker could not be started \(.*--allow-worker.*\); exporting in the app's thread instead, which loses what is unsent when the process does not end by itself$/m,
  )
})

test('an exit without a collector logs why and how many spans are dropped', async (t) => {
  const endpoint = await closedUrl()
  const { stdout, stderr, code } = await runNode(t, {
    nodeArgsAfter: ['-e', THREE_SPANS],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none', OBS_EXIT_FLUSH_TIMEOUT: '10000' },
  })
  assert.deepEqual([stdout, code], ['done\n', 0])
  assert.match(
    stderr,
    /^@paxx\/obs: traces: export to \S+ failed \(.*ECONNREFUSED.*nothing listens there\); not retried, dropping$/m,
  )
  assert.match(stderr, /^@paxx\/obs: traces: 3 spans dropped at exit/m)
})
