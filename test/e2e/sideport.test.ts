import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { ROOT } from '../support/paths.ts'
import { startNode } from '../support/run-node.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'
import { rawClient } from '../support/opened-side-port.ts'

const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }

/** Ends by itself after a while, as a script does whose work is done. */
const SCRIPT = ['-e', 'setTimeout(() => console.log("done"), 1500)']

/** Ends by itself when its stdin asks for it. */
const UNTIL_TOLD = ['-e', 'process.stdin.once("data", () => { console.log("done"); process.stdin.destroy() })']

/** Lives as long as its test. */
const SERVICE = ['-e', 'setInterval(() => {}, 1000)']

async function portOf(running: RunningProcess): Promise<number> {
  return Number((await running.waitFor(/metrics on https?:\/\/localhost:(\d+)\/metrics/, 'stderr'))[1])
}

test('no client of the side port keeps the process alive', async (t) => {
  const running = startNode(t, { nodeArgsAfter: SCRIPT, env: QUIET })
  const port = await portOf(running)
  rawClient(t, port)
  rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n')
  const kept = rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const { code, stdout, elapsedMs } = await running.exited
  assert.match(kept.received(), /200 OK/)
  assert.deepEqual([code, stdout], [0, 'done\n'])
  // A client that keeps its connection would hold it for 75 s.
  assert.ok(elapsedMs < 60_000, `${elapsedMs} ms`)
})

test('a port in use: one line names it, and the app runs', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const env = { ...QUIET, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }
  const running = startNode(t, { nodeArgsAfter: UNTIL_TOLD, stdinStaysOpen: true, env })
  await running.waitFor(/is in use/, 'stderr')
  running.write('end\n')
  const { code, stdout, stderr } = await running.exited
  assert.deepEqual([code, stdout], [0, 'done\n'])
  const lines = stderr.split('\n').filter((line) => line.includes(`:${port}`))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] ?? '', /is in use/)
})

test('configured credentials are required and never shown', async (t) => {
  const env = {
    ...QUIET,
    OTEL_LOG_LEVEL: 'debug',
    OBS_SIDE_PORT_USER: 'scraper',
    OBS_SIDE_PORT_PASSWORD_HASH: bcrypt.hashSync('pass', 4),
    OBS_SIDE_PORT_TOKEN: 'very-secret-token',
  }
  const running = startNode(t, { nodeArgsAfter: SERVICE, env })
  const url = `http://127.0.0.1:${await portOf(running)}/metrics`
  const authorization = `Basic ${Buffer.from('scraper:pass').toString('base64')}`
  assert.equal((await httpGet(url)).status, 401)
  assert.equal((await httpGet(url, { authorization })).status, 200)
  const withToken = await httpGet(url, { authorization: 'Bearer very-secret-token' })
  assert.equal(withToken.status, 200)
  const { stderr } = running
  for (const secret of [env.OBS_SIDE_PORT_PASSWORD_HASH, env.OBS_SIDE_PORT_TOKEN]) {
    assert.ok(!stderr.includes(secret) && !withToken.body.includes(secret))
  }
})

test('every format, from the built package', async (t) => {
  const running = startNode(t, { nodeArgsAfter: SERVICE, env: QUIET })
  const url = `http://127.0.0.1:${await portOf(running)}/metrics`
  const seen: string[] = []
  for (const accept of ['*/*', 'application/openmetrics-text;version=1.0.0', 'application/vnd.google.protobuf']) {
    for (const encoding of ['identity', 'gzip', 'zstd']) {
      const response = await fetch(url, { headers: { accept, 'accept-encoding': encoding } })
      const body = Buffer.from(await response.arrayBuffer())
      assert.ok(body.includes('target_info') && body.includes('nodejs_eventloop'), `${accept} ${encoding}`)
      seen.push(`${response.headers.get('content-type')?.split(';')[0]} ${response.headers.get('content-encoding')}`)
    }
  }
  assert.deepEqual(seen, [
    'text/plain null',
    'text/plain gzip',
    'text/plain zstd',
    'application/openmetrics-text null',
    'application/openmetrics-text gzip',
    'application/openmetrics-text zstd',
    'application/vnd.google.protobuf null',
    'application/vnd.google.protobuf gzip',
    'application/vnd.google.protobuf zstd',
  ])
})

test('readiness is set by the app through the API; health is not affected', async (t) => {
  const api = JSON.stringify(join(ROOT, 'dist/index.cjs'))
  const script = `require(${api}).setReady(false); setTimeout(() => {}, 20_000)`
  const running = startNode(t, { nodeArgsAfter: ['-e', script], env: QUIET })
  const port = await portOf(running)
  const status = async (path: string): Promise<number> => (await httpGet(`http://127.0.0.1:${port}${path}`)).status
  assert.deepEqual([await status('/healthz'), await status('/readyz')], [200, 503])
})

/** Ends when the one request that it has is answered, as servers do that are asked to end. */
const DRAINING = `
const server = require('node:http').createServer((request, response) => {
  process.once('SIGTERM', () => {
    console.log('draining')
    server.close(() => process.exit(7))
    process.once('SIGUSR2', () => response.end('answered'))
  })
})
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port))`

test('while the app drains, it is not ready and metrics are still served', async (t) => {
  const running = startNode(t, { nodeArgsAfter: ['-e', DRAINING], env: QUIET })
  const [port, [, appPort]] = await Promise.all([portOf(running), running.waitFor(/^port (\d+)$/m)])
  const status = async (path: string): Promise<number> => (await httpGet(`http://127.0.0.1:${port}${path}`)).status
  const answer = httpGet(`http://127.0.0.1:${appPort}/`)
  await eventually(async () =>
    (await httpGet(`http://127.0.0.1:${port}/metrics`)).body.includes('http_server_active_requests{'),
  )
  assert.equal(await status('/readyz'), 200)
  running.kill('SIGTERM')
  await running.waitFor(/draining/)
  assert.deepEqual([await status('/readyz'), await status('/healthz'), await status('/metrics')], [503, 200, 200])
  running.kill('SIGUSR2')
  assert.equal((await answer).body, 'answered')
  assert.equal((await running.exited).code, 7)
})

test('a free port each: both are reported, and each serves its own', async (t) => {
  const both = [1, 2].map(() => startNode(t, { nodeArgsAfter: SERVICE, env: QUIET }))
  const ports = await Promise.all(both.map(portOf))
  assert.notEqual(ports[0], ports[1])
  const bodies = await Promise.all(ports.map(async (port) => (await httpGet(`http://127.0.0.1:${port}/metrics`)).body))
  const pids = bodies.map((body) => Number(/process_pid="(\d+)"/.exec(body)?.[1]))
  assert.deepEqual(
    pids,
    both.map(({ pid }) => pid),
  )
})

/** What comes to a port that is open to a network. */
const HOSTILE: readonly string[] = [
  'GET /metrics HTTP/1.1\r\nhost: localhost\r\n', // and no more
  `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000\r\n\r\n${'x'.repeat(1e6)}`,
  'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1000),
  `GET / HTTP/1.1\r\nx: ${'y'.repeat(1e5)}`,
  '\u0016\u0003\u0001'.repeat(1e5),
]

test("hostile clients of the side port affect neither the app's responses nor its memory", async (t) => {
  // With so small a heap it would not outlive what it kept.
  const nodeArgs = ['--max-old-space-size=48']
  const app = await startServingApp(t, { app: 'use-http.mjs', nodeArgs, env: { OTEL_TRACES_EXPORTER: 'none' } })
  await app.process.waitFor(/metrics on/, 'stderr')
  for (let round = 0; round < 2; round++) {
    const clients = Array.from({ length: 50 }, (_, n) => rawClient(t, app.sidePort, HOSTILE[n % HOSTILE.length]))
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.get('/')))
    assert.ok(answers.every(({ status }) => status === 200))
    for (const { socket } of clients) socket.destroy()
  }
  let metrics = await scrape(app.sidePort)
  // One of the clients may have had this second's collection made before the requests were through.
  await eventually(async () => {
    metrics = await scrape(app.sidePort)
    assert.equal(metrics.sum('http_requests_total', { status: '200' }), 40)
  })
  const buffers = metrics.sum('nodejs_external_memory_bytes') / 1e6
  assert.ok(buffers < 50, `${buffers} MB`)
})
