import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually } from '../../support/eventually.ts'
import { httpGet } from '../../support/scrape.ts'
import { collected } from '../../support/collected-metrics.ts'
import { oneGauge, opened, rawClient } from '../../support/opened-side-port.ts'

/** What clients send that are no scrapers; each answer is the whole of what they get before the connection is closed. */
const JUNK: [title: string, say: string | Buffer, answer: RegExp][] = [
  ['bytes that are no HTTP', Buffer.alloc(4096, 0xa5), /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex'), /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['headers without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}`, /^HTTP\/1\.1 431 /],
  ['many headers', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(4000)}`, /^HTTP\/1\.1 431 /],
  [
    'two lengths',
    'GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    /^HTTP\/1\.1 400 /,
  ],
  [
    'length and chunks, as for smuggling',
    'GET /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG',
    /^HTTP\/1\.1 400 /,
  ],
  [
    'a body on GET',
    'GET /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000\r\n\r\nabc',
    /^HTTP\/1\.1 413 /,
  ],
  [
    'a body in chunks',
    'POST /metrics HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n',
    /^HTTP\/1\.1 405 /,
  ],
  [
    'a body it asks leave for',
    'PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n',
    /^HTTP\/1\.1 405 /,
  ],
  ['CONNECT', 'CONNECT example.com:80 HTTP/1.1\r\nhost: localhost\r\n\r\n', /^$/],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
]

for (const [title, say, answer] of JUNK) {
  test(`${title}: answered shortly and closed`, async (t) => {
    const { port } = await opened(t)
    const client = rawClient(t, port, say)
    assert.ok((await client.closed) < 4000)
    assert.match(client.received(), answer)
    assert.equal((await httpGet(`http://127.0.0.1:${port}/metrics`)).status, 200)
  })
}

test('an upgrade is ignored: the request is answered like any other', async (t) => {
  const { port } = await opened(t)
  const { received } = rawClient(
    t,
    port,
    'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  )
  await eventually(() => assert.match(received(), /^HTTP\/1\.1 200 /))
})

test('pipelined requests do not accumulate responses', async (t) => {
  let collections = 0
  const { port } = await opened(t, {}, () => {
    collections += 1
    return oneGauge()
  })
  let created = 0
  const counted = (): number => (created += 1)
  subscribe('http.server.request.start', counted)
  t.after(() => unsubscribe('http.server.request.start', counted))
  const client = rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1000))
  assert.ok((await client.closed) < 4000)
  assert.ok(created <= 2, `${created} of 1000 were looked at`)
  assert.equal(collections, 0)
  assert.equal(client.received(), '')
})

test('half-sent requests and silent clients are cut off', { timeout: 60_000 }, async (t) => {
  const { port } = await opened(t)
  const silent = rawClient(t, port)
  const half = rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n')
  const drip = rawClient(t, port, 'GET /metrics HTTP/1.1\r\n')
  const dripping = setInterval(() => drip.socket.write('x: y\r\n'), 500)
  t.after(() => clearInterval(dripping))
  for (const { closed } of [silent, half, drip]) assert.ok((await closed) < 30_000)
  assert.match(half.received(), /^HTTP\/1\.1 408 |^$/)
})

test('connections are bounded, and new ones are accepted when others close', async (t) => {
  const { port } = await opened(t)
  const clients = Array.from({ length: 150 }, () => rawClient(t, port))
  await eventually(() => {
    const isOpen = clients.map(({ socket }) => !socket.pending && !socket.destroyed && socket.readable)
    assert.equal(isOpen.filter(Boolean).length, 100)
  })
  for (const { socket } of clients) socket.destroy()
  assert.equal((await httpGet(`http://127.0.0.1:${port}/readyz`)).status, 200)
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function usedBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('clients that ask for much and read nothing cost little memory', async (t) => {
  const large = await collected((meter) => {
    const gauge = meter.createGauge('large')
    for (let i = 0; i < 1900; i++) gauge.record(1, { i, text: 'x'.repeat(10_000) })
  })
  const { port } = await opened(t, {}, () => Promise.resolve(large))
  const whole = await httpGet(`http://127.0.0.1:${port}/metrics`)
  assert.ok(whole.body.length > 19e6)
  const before = usedBytes()
  const answers = new Set<ServerResponse>()
  const seen = (message: unknown): unknown => answers.add((message as { readonly response: ServerResponse }).response)
  subscribe('http.server.request.start', seen)
  t.after(() => unsubscribe('http.server.request.start', seen))
  for (let i = 0; i < 10; i++) rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n').socket.pause()
  let last = before
  await eventually(() => {
    if (answers.size < 10 || ![...answers].every(({ writableNeedDrain }) => writableNeedDrain)) return false
    const growing = usedBytes() - last
    last += growing
    return growing < 1e6
  })
  const grown = last - before
  // Held back whole, ten answers are 190 MB.
  assert.ok(grown < 100e6, `${Math.round(grown / 1e6)} MB more`)
})

test('excess concurrent scrapes are rejected with Retry-After, and the others are served', async (t) => {
  const turnedAway = Promise.withResolvers<void>()
  const { port } = await opened(t, {}, async () => {
    await turnedAway.promise
    return oneGauge()
  })
  let early = 0
  const scrapes = Array.from({ length: 15 }, async () => {
    const answer = await httpGet(`http://127.0.0.1:${port}/metrics`)
    if (++early === 5) turnedAway.resolve()
    return answer
  })
  const answers = await Promise.all(scrapes)
  const statuses = answers.map(({ status }) => status).toSorted()
  assert.deepEqual(statuses, [...Array(10).fill(200), ...Array(5).fill(503)])
  assert.equal(answers.find(({ status }) => status === 503)?.headers['retry-after'], '1')
})

/** The processor time of this thread: unlike the time of day, it does not depend on what else the machine does. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

test('none of these clients blocks the event loop', async (t) => {
  const { port } = await opened(t)
  let longestMs = 0
  let last = threadCpuMs()
  const watch = setInterval(() => {
    longestMs = Math.max(longestMs, threadCpuMs() - last)
    last = threadCpuMs()
  }, 5)
  const clients = Array.from({ length: 20 }, (_, i) => {
    const [, say] = JUNK[i % JUNK.length] ?? ['', '']
    return rawClient(t, port, say)
  })
  const body = rawClient(t, port, 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000\r\n\r\n')
  for (let i = 0; i < 10; i++) body.socket.write(Buffer.alloc(1e6))
  await Promise.all([...clients, body].map(({ closed }) => closed))
  clearInterval(watch)
  assert.ok(longestMs < 100, `${longestMs} ms`)
})
