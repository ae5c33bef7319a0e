import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

test('every scraper and the push see the same event loop, and the pauses of the garbage collector by kind', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-busy.mjs',
    env: {
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
      OTEL_METRIC_EXPORT_TIMEOUT: '50',
    },
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  await app.get('/garbage')
  await app.get('/block')
  const longest = async (): Promise<number> => (await scrape(app.sidePort)).sum('nodejs_eventloop_delay_max_seconds')
  await eventually(async () => (await longest()) > 0.25)
  // Meanwhile the push has collected several times.
  const pushed = app.receiver.metrics.length
  await app.receiver.waitUntil(({ metrics }) => metrics.length > pushed + 50)

  const metrics = await scrape(app.sidePort)
  assert.ok(metrics.sum('nodejs_eventloop_delay_max_seconds') > 0.25, 'the push took it away')
  const of = (name: string): number => metrics.sum(`nodejs_eventloop_${name}`)
  assert.ok(of('delay_min_seconds') <= of('delay_p50_seconds'))
  assert.ok(of('delay_p50_seconds') <= of('delay_p90_seconds') && of('delay_p90_seconds') <= of('delay_p99_seconds'))
  assert.ok(of('delay_p99_seconds') <= of('delay_max_seconds') && of('delay_mean_seconds') > 0)
  assert.ok(of('utilization_ratio') > 0 && of('utilization_ratio') <= 1, String(of('utilization_ratio')))
  const states = metrics
    .find('nodejs_eventloop_time_seconds_total')
    .map(({ labels }) => labels['nodejs_eventloop_state'])
  assert.deepEqual(states.toSorted(), ['active', 'idle'])

  const pauses = metrics.find('v8js_gc_duration_seconds_count')
  assert.ok(
    pauses.some(({ labels, value }) => labels['v8js_gc_type'] === 'minor' && value > 0),
    'pauses by kind',
  )
  assert.ok(metrics.find('v8js_memory_heap_used_bytes', { v8js_heap_space_name: 'old_space' }).length > 0)
  assert.ok(metrics.find('nodejs_active_resources', { type: 'TCPServerWrap' }).length > 0)
})
