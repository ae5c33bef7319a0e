import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { scrape } from '../support/scrape.ts'
import type { Scrape } from '../support/scrape.ts'
import { findBinary } from '../support/services/find-binary.ts'
import { unavailable } from '../support/services/service.ts'
import { startServingApp } from '../support/serving-app.ts'
import type { ServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

const PROMISED_BUCKETS = ['0.01', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']

/** Each app with its routes: what is asked how often, and what must then be counted. */
const APPS: readonly {
  app: string
  calls: readonly { path: string; times: number }[]
  counted: readonly { endpoint: string; status: string; count: number }[]
}[] = [
  ...['use-express.cjs', 'use-fastify.mjs'].map((app) => ({
    app,
    calls: [
      { path: '/users/1', times: 3 },
      { path: '/users/2', times: 2 },
      { path: '/fail', times: 2 },
      { path: '/no/such/path', times: 4 },
    ],
    counted: [
      { endpoint: '/users/:id', status: '200', count: 5 },
      { endpoint: '/fail', status: '500', count: 2 },
      { endpoint: 'unmatched', status: '404', count: 4 },
    ],
  })),
  {
    app: 'use-http.mjs',
    calls: [{ path: '/a/b/c', times: 3 }],
    counted: [{ endpoint: 'unmatched', status: '200', count: 3 }],
  },
]

for (const { app, calls, counted } of APPS) {
  test(`${app}: request metrics have the documented names and exact counts`, async (t) => {
    const serving = await startServingApp(t, { app })
    for (const { path, times } of calls) for (let call = 0; call < times; call++) await serving.get(path)
    const metrics = await scrapeOf(serving)
    const total = calls.reduce((sum, { times }) => sum + times, 0)
    assert.equal(metrics.sum('http_requests_total'), total)
    assert.equal(metrics.sum('http_request_duration_seconds_count'), total)
    assert.equal(metrics.sum('http_server_request_duration_seconds_count'), total)
    for (const { endpoint, status, count } of counted) {
      assert.equal(
        metrics.sum('http_requests_total', { method: 'GET', endpoint, status }),
        count,
        `${endpoint} ${status}`,
      )
      assert.equal(metrics.sum('http_request_duration_seconds_count', { method: 'GET', endpoint }), count)
    }
    assert.equal(metrics.types['http_requests_total'], 'counter')
    assert.equal(metrics.types['http_request_duration_seconds'], 'histogram')
    const { endpoint = '' } = counted[0] ?? {}
    const buckets = metrics.find('http_request_duration_seconds_bucket', { endpoint, method: 'GET' })
    assert.deepEqual(
      buckets.map((bucket) => bucket.labels['le']),
      PROMISED_BUCKETS,
    )
    assert.ok(buckets.every((bucket, index) => index === 0 || bucket.value >= (buckets[index - 1]?.value ?? 0)))
    assert.ok(!metrics.body.includes('/users/1'), 'a raw path became a label')
  })
}

test('runtime metrics carry their units', async (t) => {
  const serving = await startServingApp(t, { app: 'use-http.mjs' })
  // The delay has no percentiles before its first sample.
  const metrics = await eventually(async () => {
    const scraped = await scrapeOf(serving)
    return scraped.find('nodejs_eventloop_delay_p99_seconds').length > 0 && scraped
  })
  for (const name of [
    'nodejs_eventloop_delay_p99_seconds',
    'nodejs_eventloop_delay_mean_seconds',
    'v8js_memory_heap_used_bytes',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
    'nodejs_active_resources',
    'nodejs_version_info',
    'target_info',
  ]) {
    assert.ok(metrics.find(name).length > 0, `${name} in\n${metrics.body}`)
  }
  assert.equal(metrics.find('target_info')[0]?.labels['service_name'], 'use-apps')
})

test('scrapes are neither traced nor counted', async (t) => {
  const serving = await startServingApp(t, { app: 'use-express.mjs' })
  for (let count = 0; count < 5; count++) await scrapeOf(serving)
  await serving.get('/users/7')
  await serving.receiver.waitForSpans((spans) => spans.some((span) => span.kind === 'server'))
  assert.equal(serving.receiver.spans.filter((span) => span.kind === 'server').length, 1)
  // Scrapes within a second may share a collection.
  await eventually(async () => assert.equal((await scrapeOf(serving)).sum('http_requests_total'), 1))
})

test("the app's own counters and spans are exported with ours", async (t) => {
  const serving = await startServingApp(t, { app: 'use-own-spans.mjs' })
  for (let count = 0; count < 3; count++) assert.equal((await serving.get('/')).body, 'ordered')
  const metrics = await scrapeOf(serving)
  assert.equal(metrics.sum('shop_orders_total', { order_kind: 'web' }), 3)
  await serving.receiver.waitForSpans((spans) => spans.filter((span) => span.name === 'place order').length === 3)
  const span = serving.receiver.spans.find(({ name }) => name === 'place order')
  const parent = serving.receiver.spans.find(({ spanId }) => spanId === span?.parentSpanId)
  assert.equal(parent?.kind, 'server')
  assert.deepEqual([span?.attributes, span?.scope, span?.status], [{ 'order.items': 3 }, 'checkout', 'ok'])
})

test('promtool reports no problems', async (t) => {
  const promtool = findBinary('promtool') ?? unavailable('promtool')
  if (!promtool) return t.skip('promtool is not installed')
  const serving = await startServingApp(t, { app: 'use-express.mjs' })
  for (const path of ['/users/1', '/fail', '/nowhere']) await serving.get(path)
  const { body } = await scrapeOf(serving)
  const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: body, encoding: 'utf8' })
  assert.deepEqual([status, stdout + stderr], [0, ''], body)
})

for (const exporters of ['none', 'otlp', 'prometheus,otlp', 'prometheus']) {
  test(`OTEL_METRICS_EXPORTER=${exporters}`, async (t) => {
    const env = {
      OTEL_METRICS_EXPORTER: exporters,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_METRIC_EXPORT_TIMEOUT: '200',
    }
    const serving = await startServingApp(t, { app: 'use-express.mjs', env })
    await serving.get('/users/7')
    if (exporters.includes('otlp')) {
      await serving.receiver.waitUntil(({ metrics }) =>
        metrics.some(({ name }) => name === 'http.server.request.duration'),
      )
    } else {
      await serving.receiver.waitForSpans(1)
      assert.deepEqual(serving.receiver.metrics, [])
    }
    if (exporters.includes('prometheus')) await scrapeOf(serving)
    else await assert.rejects(scrape(serving.sidePort), { code: 'ECONNREFUSED' })
  })
}

/** The start line comes when the side port listens, which may be after the app does. */
async function scrapeOf({ process, sidePort }: ServingApp): Promise<Scrape> {
  await process.waitFor(/^@paxx\/obs: .*metrics/m, 'stderr')
  return await scrape(sidePort)
}
