import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { NO_DECLARED_METRICS } from '../../../src/base/declared-metrics.ts'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Meter } from '@opentelemetry/api'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import type { Exemplar } from '../../../src/aggregation/exemplar.ts'
import { createHealth } from '../../../src/sideport/health.ts'
import { open } from '../../../src/sideport/open.ts'
import { ACCEPT, collected, withExemplars } from '../../support/collected-metrics.ts'
import { eventually } from '../../support/eventually.ts'
import { startPrometheus } from '../../support/services/prometheus.ts'
import type { Prometheus } from '../../support/services/prometheus.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

function exemplarsNow(name: string): Exemplar[] | undefined {
  if (name !== 'wait' && name !== 'orders') return undefined
  const span = { traceId: TRACE_ID, spanId: SPAN_ID, filteredAttributes: { 'user.id': 'u1' } }
  return [{ value: 0.3, timestampMs: Date.now(), ...span }]
}

/** Everything a scraper might stumble over, beside what it is for. */
function record(meter: Meter): void {
  meter
    .createCounter('orders', { unit: 'By', description: 'Line\nbreak, "quotes" and \\' })
    .add(3, { 'pay.by': 'card' })
  const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 0.5, 1] } })
  for (const value of [0.05, 0.3, 0.3, 2]) histogram.record(value, { le: 'mine' })
  const exponential = meter.createHistogram('exponential.wait', { unit: 's' })
  for (let i = 0; i < 100; i++) exponential.record(i / 100)
  const odd = meter.createGauge('odd')
  for (const text of ['\0', '\uD800', '"', '\\', '\n', '\r', '{}', '😀', ' # {trace_id="x"} 1']) {
    odd.record(1, { text, [`key ${text}`]: text, quantile: text, __name__: 'renamed', 'a.b': 1, a_b: 2 })
  }
  odd.record(NaN, { text: 'NaN' })
  const same = meter.createCounter('same')
  same.add(1, { 'x.y': 'z' })
  same.add(2, { x_y: 'z' })
  const many = meter.createCounter('many')
  for (let i = 0; i < 2100; i++) many.add(1, { i })
}

async function serve(t: TestContext, collect: () => Promise<CollectionResult>): Promise<number> {
  const protection = { tls: undefined, basicAuth: undefined, bearerToken: undefined, blockedBy: undefined }
  const settings = {
    sidePort: { host: '127.0.0.1', port: 0, ...protection },
    metrics: {
      translationStrategy: 'UnderscoreEscapingWithSuffixes',
      scopeLabels: true,
      ...NO_DECLARED_METRICS,
    },
    resource: { serviceName: 'shop' },
  } as const
  const server = open({ settings, port: 0, collect, health: createHealth(), authenticator: undefined, page: undefined })
  t.after(() => server.close())
  return (await server.listening).port
}

/** In front of the side port, asks for one format, as a Prometheus 2 of this age cannot be told to. */
async function onlyAsking(t: TestContext, port: number, accept: string): Promise<number> {
  const seen = createServer(async (request, response) => {
    // A connection of its own: one that is kept may be closed by the side port at the moment it is used again.
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, { headers: { accept, connection: 'close' } })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => seen.listen(0, '127.0.0.1', resolve))
  t.after(() => seen.close().closeAllConnections())
  return (seen.address() as AddressInfo).port
}

async function untilScraped(prometheus: Prometheus): Promise<void> {
  await eventually(async () => {
    assert.equal(await prometheus.scrapeError(), undefined)
    assert.equal((await prometheus.query('up == 1')).length, 3)
  })
}

async function valueOf(prometheus: Prometheus, expression: string): Promise<number | undefined> {
  const [first] = await prometheus.query(expression)
  return first === undefined ? undefined : Number(first.value[1])
}

test(
  'a real Prometheus takes text, OpenMetrics and protobuf, and stores what was measured',
  { timeout: 120_000 },
  async (t) => {
    const recorded = await collected(record, { 'service.name': 'shop', 'process.command_args': 'secret' })
    const result = withExemplars(recorded, exemplarsNow)
    const port = await serve(t, () => Promise.resolve(result))
    const targets = {
      own: port,
      text: await onlyAsking(t, port, ACCEPT.text),
      open: await onlyAsking(t, port, ACCEPT.openMetrics),
    }
    // With native histograms on, this version asks for protobuf.
    const prometheus = await startPrometheus(targets, ['exemplar-storage', 'native-histograms'])
    if (prometheus === undefined) return t.skip('prometheus is not installed')
    t.after(() => prometheus.stop())
    await untilScraped(prometheus)

    for (const job of Object.keys(targets)) {
      const value = (expression: string): Promise<number | undefined> => valueOf(prometheus, expression)
      await t.test(job, async () => {
        assert.equal(await value(`orders_bytes_total{job="${job}",pay_by="card"}`), 3)
        assert.equal(await value(`target_info{job="${job}",service_name="shop"}`), 1)
        assert.equal(await value(`count(target_info{job="${job}",process_command_args!=""})`), undefined)
        assert.equal(await value(`same_total{job="${job}"}`), 3)
        assert.equal(await value(`count(many_total{job="${job}"})`), 2000)
        assert.equal(await value(`many_total{job="${job}",otel_metric_overflow="true"}`), 101)
        // A NUL and half a surrogate pair are both the replacement character.
        assert.equal(await value(`count(odd{job="${job}"})`), 9)
        assert.equal(await value(`odd{job="${job}",text="\\n",a_b="1;2"}`), 1)
        assert.equal(await value(`count({job="${job}",__name__="renamed"})`), undefined)
        assert.equal(await value(`wait_seconds_count{job="${job}",exported_le="mine"}`), 4)
        const median = (await value(`histogram_quantile(0.5, wait_seconds_bucket{job="${job}"})`)) ?? NaN
        assert.ok(median > 0.1 && median <= 0.5, String(median))
      })
    }
    await t.test('nothing was refused or doubled', async () => {
      assert.equal(await prometheus.scrapeError(), undefined)
      assert.equal(await prometheus.refusedSamples(), 0)
    })
    await t.test('exemplars of histograms and counters', async () => {
      for (const job of ['own', 'open']) {
        for (const series of ['wait_seconds_bucket', 'orders_bytes_total']) {
          const [exemplar] = await prometheus.exemplars(`${series}{job="${job}"}`)
          assert.deepEqual(
            exemplar?.labels,
            { trace_id: TRACE_ID, span_id: SPAN_ID, user_id: 'u1' },
            `${job} ${series}`,
          )
          assert.equal(exemplar?.value, '0.3')
        }
      }
      assert.deepEqual(await prometheus.exemplars('wait_seconds_bucket{job="text"}'), [])
    })
    await t.test('an exponential histogram is native in protobuf, classic elsewhere', async () => {
      assert.equal(await valueOf(prometheus, 'histogram_count(exponential_wait_seconds{job="own"})'), 100)
      const native = (await valueOf(prometheus, 'histogram_quantile(0.9, exponential_wait_seconds{job="own"})')) ?? NaN
      assert.ok(Math.abs(native - 0.9) < 0.02, String(native))
      for (const job of ['text', 'open']) {
        assert.equal(await valueOf(prometheus, `exponential_wait_seconds_count{job="${job}"}`), 100)
        const classic =
          (await valueOf(prometheus, `histogram_quantile(0.9, exponential_wait_seconds_bucket{job="${job}"})`)) ?? NaN
        assert.ok(classic > 0.5 && classic <= 1, String(classic))
      }
    })
  },
)
