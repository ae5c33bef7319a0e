import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientApp, withoutClients } from '../support/clients.ts'
import { startKafka } from '../support/services/kafka.ts'
import { eventually } from '../support/eventually.ts'
import { httpGet } from '../support/scrape.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startPrometheus } from '../support/services/prometheus.ts'
import { startServingApp } from '../support/serving-app.ts'
import type { ServingApp } from '../support/serving-app.ts'
import { ACCEPT } from '../support/collected-metrics.ts'
import { decodeFamilies } from '../support/metric-family.ts'

/** Exemplars of what instrumentations and an app measure, from requests to a real Prometheus. */

/** A trace for each request, whose digit tells it: the traces of odd ones are sampled. */
function traceparent(request: number): string {
  return `00-${traceOf(request)}-00f067aa0ba902b7-0${request % 2}`
}

function traceOf(request: number): string {
  return String(request).repeat(32)
}

/** Every metric that a request to the app adds to, and which of its spans the latest exemplar is from. */
const MEASURED: Readonly<Record<string, string>> = {
  http_server_request_duration_seconds_bucket: 'GET /orders/:id',
  http_request_duration_seconds_bucket: 'GET /orders/:id',
  http_requests_total: 'GET /orders/:id',
  'http_client_request_duration_seconds_bucket undici': 'GET',
  // The context of these is the one that the call was made in.
  'http_client_request_duration_seconds_bucket http': 'GET',
  db_client_operation_duration_seconds_bucket: 'SELECT postgres',
  shop_orders_total: 'place order',
  shop_price_bucket: 'place order',
}

interface Shown {
  readonly traceId: string
  readonly spanId: string
  readonly seconds: number
}

/** The latest exemplar of each metric; the two HTTP clients apart, by their scope. */
function latestExemplars(openMetrics: string): Map<string, Shown> {
  const latest = new Map<string, Shown>()
  const pattern = /^(\w+)\{(.*)\} \S+ # \{trace_id="(\w+)",span_id="(\w+)"\} \S+ (\S+)$/gm
  for (const [, metric = '', labels = '', traceId = '', spanId = '', seconds] of openMetrics.matchAll(pattern)) {
    if (labels.includes('/stock"')) continue
    const client = metric.startsWith('http_client') ? (/instrumentation-(\w+)"/.exec(labels)?.[1] ?? '') : ''
    const name = `${metric} ${client}`.trim()
    if ((latest.get(name)?.seconds ?? 0) <= Number(seconds))
      latest.set(name, { traceId, spanId, seconds: Number(seconds) })
  }
  return latest
}

async function openMetricsOf({ process, sidePort }: ServingApp): Promise<string> {
  await process.waitFor(/^@paxx\/obs: .*metrics/m, 'stderr')
  const accept = { accept: 'application/openmetrics-text;version=1.0.0' }
  return (await httpGet(`http://127.0.0.1:${sidePort}/metrics`, accept)).body
}

test(
  'measurements in a request have its trace as exemplar, and a real Prometheus stores it',
  { timeout: 120_000 },
  async (t) => {
    const postgres = await startPostgres()
    t.after(postgres.stop)
    const serving = await startServingApp(t, {
      app: 'use-measurements.mjs',
      env: { ...postgres.env, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' },
    })
    const { receiver } = serving
    // The first opens the connections, the third uses them: it must not show the trace of the first. The second and the
    // fourth are not sampled.
    for (const request of [1, 2, 3, 4]) {
      const { status } = await serving.get('/orders/7', { traceparent: traceparent(request) })
      assert.equal(status, 200)
    }
    await receiver.waitForSpans((spans) =>
      spans.some(({ name, traceId }) => name === 'place order' && traceId === traceOf(3)),
    )
    const shown = latestExemplars(await openMetricsOf(serving))
    const spansOf3 = new Map(
      receiver.spans.filter(({ traceId }) => traceId === traceOf(3)).map(({ spanId, name }) => [spanId, name]),
    )
    const found = Object.fromEntries(
      Object.keys(MEASURED).map((name) => {
        const { traceId = '', spanId = '' } = shown.get(name) ?? {}
        return [name, traceId === traceOf(3) ? (spansOf3.get(spanId) ?? spanId) : traceId]
      }),
    )
    assert.deepEqual(found, MEASURED)

    const prometheus = await startPrometheus({ shop: serving.sidePort }, ['exemplar-storage'])
    if (prometheus === undefined) return t.skip('prometheus is not installed')
    t.after(prometheus.stop)
    for (const name of Object.keys(MEASURED)) {
      const [series = ''] = name.split(' ')
      await eventually(async () => {
        const stored = await prometheus.exemplars(series)
        const isOf3 = stored.some(
          ({ labels }) => labels['trace_id'] === traceOf(3) && spansOf3.has(labels['span_id'] ?? ''),
        )
        assert.ok(isOf3, `Prometheus has no exemplar of ${series}`)
      })
    }
    assert.equal(await prometheus.refusedSamples(), 0)
  },
)

test('Kafka: what a request sends over the connection of another one is measured in its own trace', async (t) => {
  const missing = withoutClients()
  const kafka = missing === false ? await startKafka() : undefined
  if (kafka === undefined) return t.skip(missing === false ? 'kcat is not installed' : missing)
  t.after(kafka.stop)
  const serving = await startServingApp(t, { app: clientApp('use-kafka.mjs'), env: kafka.env })
  for (const request of [1, 2, 3]) {
    assert.equal((await serving.get('/', { traceparent: traceparent(request) })).body, 'sent')
  }
  const sent = /^messaging_client_sent_messages_total\{.*\} 3(?: |$)/m
  await eventually(async () => sent.test(await openMetricsOf(serving)))
  const page = await openMetricsOf(serving)
  const shown = latestExemplars(page)
  assert.equal(shown.get('messaging_client_sent_messages_total')?.traceId, traceOf(3))
  assert.equal(shown.get('messaging_client_operation_duration_seconds_bucket')?.traceId, traceOf(3))
})

const FILTERS: readonly (readonly [filter: string, traces: string])[] = [
  ['Always_Off', ''],
  ['always_on', '22222222222222222222222222222222'],
  ['TRACE_BASED', '11111111111111111111111111111111'],
]

for (const [filter, expected] of FILTERS) {
  test(`OTEL_METRICS_EXEMPLAR_FILTER=${filter}`, async (t) => {
    const serving = await startServingApp(t, { app: 'use-http.mjs', env: { OTEL_METRICS_EXEMPLAR_FILTER: filter } })
    for (const request of [1, 2]) await serving.get('/', { traceparent: traceparent(request) })
    const shown = latestExemplars(await openMetricsOf(serving))
    assert.equal(shown.get('http_requests_total')?.traceId ?? '', expected)
    assert.doesNotMatch(serving.process.stderr, /EXEMPLAR/)
  })
}

const HISTOGRAM_VARIABLE = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'

const PUSHED: readonly (readonly [protocol: string, aggregation: string, type: string])[] = [
  ['grpc', 'explicit_bucket_histogram', 'histogram'],
  ['http/json', 'BASE2_Exponential_Bucket_Histogram', 'exponentialHistogram'],
]

for (const [protocol, aggregation, type] of PUSHED) {
  test(`${aggregation} over ${protocol}: with exemplars, and the side port is unaffected`, async (t) => {
    const serving = await startServingApp(t, {
      app: 'use-http.mjs',
      env: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_METRIC_EXPORT_TIMEOUT: '200',
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        [HISTOGRAM_VARIABLE]: aggregation,
      },
    })
    await serving.get('/', { traceparent: traceparent(1) })
    const { receiver } = serving
    await receiver.waitUntil(({ metrics }) => metrics.some(({ name }) => name === 'http.server.request.duration'))
    const pushed = receiver.metrics.find(({ name }) => name === 'http.server.request.duration')
    assert.equal(pushed?.type, type)
    await receiver.waitForSpans(1)
    const { traceId, spanId } = receiver.spans[0] ?? assert.fail('no span')
    const [point] = pushed?.points ?? []
    assert.deepEqual([point?.count, point?.exemplars], [1, [{ traceId, spanId, value: point?.value }]])
    assert.match(await openMetricsOf(serving), /^http_request_duration_seconds_bucket\{.*le="\+Inf"\} 1/m)
    assert.doesNotMatch(serving.process.stderr, /AGGREGATION/)
  })
}

test('OBS_PROMETHEUS_HISTOGRAM_AGGREGATION makes the side port serve native histograms', async (t) => {
  const serving = await startServingApp(t, {
    app: 'use-http.mjs',
    env: { OBS_PROMETHEUS_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' },
  })
  await serving.get('/', { traceparent: traceparent(1) })
  await openMetricsOf(serving)
  const answer = await fetch(`http://127.0.0.1:${serving.sidePort}/metrics`, { headers: { accept: ACCEPT.protobuf } })
  const families = new Map(
    decodeFamilies(Buffer.from(await answer.arrayBuffer())).map((family) => [family.name, family]),
  )
  const { histogram } = families.get('http_server_request_duration_seconds')?.metric[0] ?? {}
  assert.deepEqual([histogram?.['sample_count'], histogram?.['positive_delta']], [1, [1]])
  const [exemplar, ...others] = (histogram?.['exemplars'] ?? []) as { readonly label: readonly { value: string }[] }[]
  assert.deepEqual([exemplar?.label[0]?.value, others], [traceOf(1), []])
  assert.equal(families.get('http_requests_total')?.metric[0]?.counter?.['value'], 1)
  assert.equal(families.get('http_request_duration_seconds'), undefined)
})
