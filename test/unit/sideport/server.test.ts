// First: the modules below take what writes to stderr when they are loaded.
import { captureStderr } from '../../support/captured-stderr.ts'
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { createHealth } from '../../../src/sideport/health.ts'
import { eventually } from '../../support/eventually.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { httpGet } from '../../support/scrape.ts'
import { ACCEPT, collected } from '../../support/collected-metrics.ts'
import { oneGauge, opened, openUnawaited, rawClient } from '../../support/opened-side-port.ts'

test('GET and HEAD /metrics, negotiated', async (t) => {
  const { url } = await opened(t)
  const plain = await httpGet(`${url}/metrics?x=y`)
  assert.equal(plain.status, 200)
  assert.equal(plain.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores')
  assert.match(plain.body, /^g 1$/m)
  const openMetrics = await httpGet(`${url}/metrics`, { accept: ACCEPT.openMetrics })
  assert.match(String(openMetrics.headers['content-type']), /^application\/openmetrics-text; version=1\.0\.0;/)
  assert.match(openMetrics.body, /\n# EOF\n$/)
  const head = await httpGet(`${url}/metrics`, {}, 'HEAD')
  assert.deepEqual([head.status, head.body], [200, ''])
  assert.equal(head.headers['content-type'], plain.headers['content-type'])
})

test('gzip and zstd for clients that accept them', async (t) => {
  const { url } = await opened(t)
  for (const [accept, encoding] of [
    ['gzip', 'gzip'],
    ['gzip, zstd', 'zstd'],
    ['zstd;q=0, gzip', 'gzip'],
    ['*', 'gzip'],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['br', undefined],
  ] as const) {
    const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': accept } })
    assert.equal(response.headers.get('content-encoding') ?? undefined, encoding, accept)
    assert.match(await response.text(), /^g 1$/m)
  }
  const raw = async (encoding: string): Promise<Buffer> => {
    const { socket, received, closed } = rawClient(t, Number(new URL(url).port))
    const pieces: Buffer[] = []
    socket.on('data', (data) => pieces.push(data))
    socket.write(`GET /metrics HTTP/1.0\r\naccept-encoding: ${encoding}\r\n\r\n`)
    await closed
    assert.match(received(), new RegExp(`content-encoding: ${encoding}`))
    const all = Buffer.concat(pieces)
    return all.subarray(all.indexOf('\r\n\r\n') + 4)
  }
  assert.match(gunzipSync(await raw('gzip')).toString(), /^g 1$/m)
  assert.match(zstdDecompressSync(await raw('zstd')).toString(), /^g 1$/m)
})

const ANSWERS: [method: string, path: string, status: number, body: RegExp, allow?: string][] = [
  ['GET', '/', 200, /href="\/metrics"/],
  ['GET', '/healthz', 200, /^ok\nevent loop delay \d+ ms\n$/],
  ['GET', '/readyz', 200, /^ok\n$/],
  ['GET', '/nothing', 404, /^not found; these are served: \/metrics, \/healthz, \/readyz\n$/],
  ['GET', '/metrics/', 404, /not found/],
  ['GET', '//', 404, /not found/],
  ['GET', '/../../etc/passwd', 404, /not found/],
  ['POST', '/metrics', 405, /GET/, 'GET, HEAD'],
  ['DELETE', '/metrics', 405, /GET/, 'GET, HEAD'],
  ['OPTIONS', '/', 405, /GET/, 'GET, HEAD'],
  ['HEAD', '/healthz', 200, /^$/],
]

for (const [method, path, status, body, allow] of ANSWERS) {
  test(`${method} ${path} answers ${status}`, async (t) => {
    const { url } = await opened(t)
    const response = await httpGet(url + path, {}, method)
    assert.equal(response.status, status)
    assert.match(response.body, body)
    assert.equal(response.headers['allow'], allow)
    assert.equal(response.headers['x-content-type-options'], 'nosniff')
  })
}

test('the index page shows the service name as text', async (t) => {
  const { url } = await opened(t)
  const { body, headers } = await httpGet(url)
  assert.match(body, /<h1>&#60;shop&#62;<\/h1>/)
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
})

/** A server that had a connection. */
async function served(): Promise<Server> {
  const server = createServer((socket) => socket.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await once(connect((server.address() as AddressInfo).port, '127.0.0.1').resume(), 'close')
  return server
}

test('readiness is set by the app, and off once its servers are closed', async (t) => {
  const { url, health } = await opened(t)
  const readiness = async (): Promise<unknown[]> => {
    const { status, body } = await httpGet(`${url}/readyz`)
    return [status, body]
  }
  health.setReady(false)
  assert.deepEqual(await readiness(), [503, 'not ready\n'])
  health.setReady(true)
  assert.deepEqual(await readiness(), [200, 'ok\n'])
  const servers = await Promise.all([served(), served()])
  assert.deepEqual(await readiness(), [200, 'ok\n'])
  servers[0]?.close()
  assert.deepEqual(await readiness(), [200, 'ok\n'], 'the other one still listens')
  servers[1]?.close()
  assert.deepEqual(await readiness(), [503, 'shutting down\n'])
  assert.equal((await httpGet(`${url}/metrics`)).status, 200)
})

test('an event loop that was blocked just now fails the health check, and recovers', (t) => {
  const clock = movableClock(t)
  t.mock.timers.enable({ apis: ['setInterval'] })
  const health = createHealth(200)
  t.after(() => health.close())
  const beatAfter = (ms: number): void => {
    clock.advance(ms)
    t.mock.timers.tick(500)
  }
  assert.equal(health.isResponsive(), true)
  beatAfter(500)
  assert.equal(health.isResponsive(), true)
  beatAfter(500 + 700)
  assert.equal(health.isResponsive(), false)
  beatAfter(500)
  assert.equal(health.isResponsive(), false, 'a moment ago is within the last two beats')
  beatAfter(500)
  assert.equal(health.isResponsive(), true)
})

test('a failed collection is a 500 with the reason, logged once until it succeeds again', async (t) => {
  const clock = movableClock(t)
  let failing = true
  const { url } = await opened(t, {}, () => (failing ? Promise.reject(new Error('no data today')) : oneGauge()))
  const logged = captureStderr(t)
  for (let i = 0; i < 3; i++) {
    const { status, body } = await httpGet(`${url}/metrics`)
    assert.deepEqual([status, body], [500, 'could not collect the metrics: no data today\n'])
  }
  assert.equal(logged().length, 1)
  assert.match(logged()[0] ?? '', /no data today/)
  failing = false
  assert.equal((await httpGet(`${url}/metrics`)).status, 200)
  failing = true
  // Past the time for which a good collection may be shared.
  clock.advance(1050)
  assert.equal((await httpGet(`${url}/metrics`)).status, 500)
  assert.equal(logged().length, 2)
})

test('a metric that cannot be collected is missing, the others are present', async (t) => {
  const { url } = await opened(t, {}, () =>
    collected((meter) => {
      meter.createGauge('g').record(1)
      meter.createObservableGauge('bad').addCallback(() => Promise.reject(new Error('sensor gone')))
    }),
  )
  const logged = captureStderr(t)
  for (let i = 0; i < 2; i++) assert.match((await httpGet(`${url}/metrics`)).body, /^g 1$/m)
  assert.deepEqual(logged().length, 1)
  assert.match(logged()[0] ?? '', /sensor gone/)
})

test('scrapes at the same moment share a collection, and an expensive one serves the next second', async (t) => {
  const clock = movableClock(t)
  let collections = 0
  let costMs = 100
  const { url } = await opened(t, {}, () => {
    collections += 1
    clock.advance(costMs)
    return oneGauge()
  })
  const scrape = (): Promise<unknown> => httpGet(`${url}/metrics`)
  await Promise.all([scrape(), scrape(), scrape()])
  assert.equal(collections, 1)
  await scrape()
  assert.equal(collections, 1)
  clock.advance(1050)
  costMs = 0
  await scrape()
  assert.equal(collections, 2)
})

test('the side port reports duration and size of the previous scrape', async (t) => {
  const { url } = await opened(t)
  const first = await httpGet(`${url}/metrics`)
  assert.doesNotMatch(first.body, /obs_scrape/)
  // A client has the whole answer a moment before the server knows that.
  const { body } = await eventually(async () => {
    const second = await httpGet(`${url}/metrics`)
    assert.match(second.body, /^obs_scrape_duration_seconds\{otel_scope_name="@paxx\/obs"\} 0\.\d+$/m)
    return second
  })
  const size = /^obs_scrape_size_bytes\S* (\d+)$/m.exec(body)?.[1]
  assert.equal(Number(size), Buffer.byteLength(first.body))
})

test('localhost is both loopback addresses', async (t) => {
  const { port } = await opened(t)
  assert.equal((await httpGet(`http://127.0.0.1:${port}/readyz`)).status, 200)
  if (!(await hasIpv6Loopback())) return t.diagnostic('no IPv6 here')
  assert.equal((await httpGet(`http://[::1]:${port}/readyz`)).status, 200)
})

test('the reason why a port cannot be opened is reported, and nothing stays open', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  for (const [settings, reason] of [
    [{ port }, new RegExp(`^SidePortError: .*:${port} is in use$`)],
    [{ host: '203.0.113.7' }, /203\.0\.113\.7:0 is not an address of this machine/],
    [{ host: 'no-such-host.invalid' }, /no-such-host\.invalid:0 is an unknown host/],
  ] as const) {
    const server = openUnawaited(settings, oneGauge)
    await assert.rejects(server.listening, (error) => {
      assert.match(String(error), reason)
      return true
    })
    server.close()
  }
  assert.throws(() => openUnawaited({ blockedBy: 'no certificate' }, oneGauge), /no certificate/)
})

test('the IPv6 side of a port in use by another process counts as in use', async (t) => {
  if (!(await hasIpv6Loopback())) return t.skip('no IPv6 here')
  const other = createServer().listen({ port: 0, host: '::1' })
  t.after(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  await assert.rejects(openUnawaited({ port }, oneGauge).listening, /\[::1\]:\d+ is in use/)
  // And the IPv4 side is free again.
  const again = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve, reject) => again.once('listening', resolve).once('error', reject))
  again.close()
})

test('with node:http instrumented, scrapes are neither traced nor counted', async (t) => {
  const instrumentation = new HttpInstrumentation()
  const spans = new InMemorySpanExporter()
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] })
  instrumentation.setTracerProvider(tracerProvider)
  const { createPrometheusReader } = await import('../../../src/sideport/reader.ts')
  const { reader, collect } = createPrometheusReader()
  instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }))
  // Patched as on the app's first require; `import` alone would not go through the hook.
  const http = (await import('node:module')).createRequire(import.meta.url)('node:http') as typeof import('node:http')
  t.after(() => instrumentation.disable())
  const app = http.createServer((_, response) => response.end('app'))
  t.after(() => app.close())
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))

  const { url, port } = await opened(t, {}, collect)
  for (const path of ['/metrics', '/healthz', '/']) await rawRequest(t, port, path)
  await rawRequest(t, (app.address() as AddressInfo).port, '/seen')
  movableClock(t).advance(1050)
  const text = (await fetch(`${url}/metrics`)).text()
  const names = spans.getFinishedSpans().map((span) => span.attributes['url.path'])
  // The app's request shows that the instrumentation is really there.
  assert.deepEqual(names, ['/seen'])
  const counts = [...(await text).matchAll(/^http_server_request_duration_seconds_count\S* (\d+)$/gm)]
  assert.deepEqual(
    counts.map((match) => match[1]),
    ['1'],
  )
})

test("requests do not run in the app's async context, nor hold the process", async (t) => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const { url, port } = await opened(t, {}, () => {
    seen.push(storage.getStore())
    return oneGauge()
  })
  await storage.run('app', () => httpGet(`${url}/metrics`))
  assert.deepEqual(seen, [undefined])
  const { socket } = rawClient(t, port, 'GET /metrics HTTP/1.1\r\n')
  await once(socket, 'connect')
  socket.unref()
  await eventually(() => {
    const holding = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))
    assert.deepEqual(holding, [])
  })
})

test('close() ends every connection at once', async (t) => {
  const { port, server } = await opened(t)
  const idle = rawClient(t, port)
  const half = rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n')
  const kept = rawClient(t, port, 'GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await eventually(() => assert.match(kept.received(), /200 OK/))
  server.close()
  await Promise.all([idle.closed, half.closed, kept.closed])
  await assert.rejects(fetch(`http://127.0.0.1:${port}/readyz`))
})

async function rawRequest(t: Parameters<typeof rawClient>[0], port: number, path: string): Promise<void> {
  const client = rawClient(t, port, `GET ${path} HTTP/1.0\r\n\r\n`)
  await client.closed
  assert.match(client.received(), / 200 OK/)
}

async function hasIpv6Loopback(): Promise<boolean> {
  const probe = createServer().listen(0, '::1')
  const works = await new Promise<boolean>((resolve) =>
    probe.once('listening', () => resolve(true)).once('error', () => resolve(false)),
  )
  probe.close()
  return works
}
