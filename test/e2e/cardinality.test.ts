import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

const QUIET = { OTEL_TRACES_EXPORTER: 'none' }

test('5,000 hosts, methods and paths chosen by clients create no new series', async (t) => {
  const app = await startServingApp(t, { app: 'use-strangers.mjs', env: QUIET })
  await app.process.waitFor(/metrics on/, 'stderr')
  const before = await scrape(app.sidePort)
  await pipelined(app.port, 5000, (n) => {
    const method = METHODS.filter((each) => each !== 'CONNECT')[n % (METHODS.length - 1)] ?? 'GET'
    const path = n % 2 === 0 ? `/users/${n}` : `/stranger-${n}?token=${n}`
    const headers = [
      `host: stranger-${n}.example:${n}`,
      `x-forwarded-host: stranger-${n}`,
      `forwarded: host=stranger-${n}`,
    ]
    return `${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\nuser-agent: stranger-${n}\r\ncontent-length: 0\r\n\r\n`
  })
  let metrics = await scrape(app.sidePort)
  await eventually(async () => (metrics = await scrape(app.sidePort)).sum('http_requests_total') === 5000)
  assert.equal(metrics.sum('http_server_request_duration_seconds_count'), 5000)
  assert.ok(!metrics.body.includes('stranger'), 'a label has what a stranger said')
  const methods = new Set(metrics.find('http_requests_total').map(({ labels }) => labels['method']))
  assert.ok(methods.has('_OTHER') && methods.size <= 10, [...methods].join(' '))
  // Route or none, and a handful of methods and status codes.
  assert.ok(metrics.samples.length - before.samples.length < 2000, `${metrics.samples.length} series`)
})

test('a metric is bounded over all scrapes, and reports when it is full', async (t) => {
  const app = await startServingApp(t, { app: 'use-strangers.mjs', env: QUIET })
  await app.process.waitFor(/metrics on/, 'stderr')
  let metrics = await scrape(app.sidePort)
  let total = 0
  // Scrapes within a second may share a collection.
  const counted = async (from: number, to: number): Promise<void> => {
    await app.get(`/count/${from}/${to}`)
    total += to - from
    await eventually(async () => (metrics = await scrape(app.sidePort)).sum('calls_total') === total)
  }
  await counted(0, 1000)
  assert.deepEqual(metrics.find('obs_metric_overflow'), [])
  await counted(1000, 2000)
  await counted(2000, 2500)
  await counted(0, 10)
  assert.equal(metrics.find('calls_total').length, 2000)
  assert.equal(metrics.sum('calls_total', { otel_metric_overflow: 'true' }), 501)
  assert.equal(metrics.sum('calls_total', { caller: '3' }), 2, 'what was there goes on')
  assert.equal(metrics.sum('obs_metric_overflow', { metric: 'calls' }), 1)
  assert.equal(app.process.stderr.match(/calls has 2000 series/g)?.length, 1)
})

/** One connection, all requests at once: resolves when so many answers have come. */
async function pipelined(port: number, count: number, requestOf: (n: number) => string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  let answers = 0
  await new Promise<void>((resolve, reject) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answers += chunk.split('HTTP/1.1 ').length - 1
      if (answers >= count) resolve()
    })
    socket.once('error', reject).once('close', () => reject(new Error(`closed after ${answers} answers`)))
    for (let n = 0; n < count; n++) socket.write(requestOf(n))
  })
  socket.destroy()
}
