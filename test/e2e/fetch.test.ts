import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode } from '../support/run-node.ts'
import { freePort } from '../support/free-port.ts'
import { startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'

const CHAIN = `
server GET /outer/:id
├─ client GET
│  └─ server GET
└─ client GET
   └─ server GET`

test('one trace across fetch and node:http, from service to service', async (t) => {
  const app = await startServingApp(t, { app: 'use-fetch-chain.mjs' })
  const { body } = await app.get('/outer/7')
  await app.receiver.waitForSpans(5)
  assert.equal(spanTree(app.receiver.spans), CHAIN.trim())
  const { viaFetch, viaHttp } = JSON.parse(body) as Record<string, { traceparent: string }>
  const clients = app.receiver.spans.filter(({ kind }) => kind === 'client')
  assert.deepEqual(
    [viaFetch?.traceparent, viaHttp?.traceparent].toSorted(),
    clients.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).toSorted(),
  )
})

test("a caller's trace is continued", async (t) => {
  const app = await startServingApp(t, { app: 'use-http.cjs' })
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  await app.get('/', { traceparent: `00-${traceId}-${spanId}-01` })
  const [span] = await app.receiver.waitForSpans(1)
  assert.deepEqual([span?.traceId, span?.parentSpanId], [traceId, spanId])
})

test('a trace that the caller did not sample is not recorded', async (t) => {
  const app = await startServingApp(t, { app: 'use-http.cjs' })
  await app.get('/', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' })
  await app.get('/')
  await app.receiver.waitForSpans(1)
  assert.equal(app.receiver.spans.length, 1)
  assert.notEqual(app.receiver.spans[0]?.traceId, '0af7651916cd43dd8448eb211c80319c')
})

test('a fetch from a worker thread to the main thread is one trace', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const result = await runNode(t, {
    app: 'use-worker.mjs',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OBS_EXIT_FLUSH_TIMEOUT: '10000',
    },
  })
  assert.match(result.stdout, /^worker \d+ got hello\n$/)
  assert.deepEqual([result.code, splitStderr(result.stderr).app, splitStderr(result.stderr).own.length], [0, [], 1])
  const [client, server] = ['client', 'server'].map((wanted) => receiver.spans.find(({ kind }) => kind === wanted))
  assert.ok(client)
  assert.deepEqual([server?.traceId, server?.parentSpanId], [client.traceId, client.spanId])
})
