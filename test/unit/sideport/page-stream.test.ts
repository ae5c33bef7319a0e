import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import type { BatchFeed, TelemetryBatch } from '../../../src/export/recent-batches.ts'
import type { PageSource } from '../../../src/sideport/page.ts'
import { PageStreams } from '../../../src/sideport/page-stream.ts'
import { emptyResource } from '@opentelemetry/resources'
import { eventually } from '../../support/eventually.ts'
import { httpGet } from '../../support/scrape.ts'

const REFRESH_MS = 100
const BATCH_BYTES = 256 * 1024
const NOTHING_MEASURED = { errors: [], resourceMetrics: { resource: emptyResource(), scopeMetrics: [] } }

interface Streams {
  readonly port: number
  /** Gives a batch to every page. */
  readonly send: () => void
  readonly subscribers: () => number
  /** Bytes that wait in this process for the pages, the most first. */
  readonly unread: () => number
}

async function open(t: TestContext, refreshMs: number = REFRESH_MS): Promise<Streams> {
  const listeners = new Set<(batch: TelemetryBatch) => void>()
  const feed: BatchFeed = {
    tooLarge: 0,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const source = { feed, hosts: [], hello: () => ({}), status: () => ({ processes: [] }) } as unknown as PageSource
  const streams = new PageStreams(source, async () => NOTHING_MEASURED, refreshMs)
  const responses: { readonly writableLength: number }[] = []
  const server = createServer((request, response) => {
    responses.push(response)
    streams.open(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const body = new Uint8Array(BATCH_BYTES).fill(1)
  return {
    port: (server.address() as AddressInfo).port,
    send: () => {
      for (const listener of listeners) listener({ signal: 'traces', format: 'protobuf', body })
    },
    subscribers: () => listeners.size,
    unread: () => Math.max(...responses.map(({ writableLength }) => writableLength)),
  }
}

function openPage(t: TestContext, port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('GET /page/events HTTP/1.1\r\nhost: localhost\r\n\r\n')
  return socket
}

test('a page that stops reading gets no further batches, and is dropped after some refreshes', async (t) => {
  const { port, send, subscribers, unread } = await open(t)
  const socket = openPage(t, port)
  socket.pause()
  await eventually(async () => subscribers() === 1)
  for (let i = 0; i < 200; i++) {
    send()
    await turn()
  }
  // 50 MiB were sent: the bound is buffered, and the one batch that went beyond it.
  assert.ok(unread() < 2 * 1024 * 1024 + 2 * BATCH_BYTES, `${unread()} bytes are buffered`)
  await eventually(async () => subscribers() === 0)
})

test('a page that keeps reading stays connected, however much it receives', async (t) => {
  const { port, send, subscribers } = await open(t)
  const socket = openPage(t, port)
  let received = 0
  socket.on('data', (piece) => (received += piece.length))
  await eventually(async () => subscribers() === 1)
  let sent = 0
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 4; j++) send()
    sent += 4 * BATCH_BYTES
    await eventually(async () => received > sent)
  }
  assert.equal(subscribers(), 1)
})

test('batches that a page missed while it did not read are counted for it', async (t) => {
  const { port, send, subscribers, unread } = await open(t)
  const socket = openPage(t, port)
  socket.pause()
  await eventually(async () => subscribers() === 1)
  for (let i = 0; i < 100; i++) {
    send()
    await turn()
  }
  let last = ''
  socket.on('data', (piece) => (last = (last + piece.toString('latin1')).slice(-2000)))
  socket.resume()
  await eventually(async () => unread() === 0)
  await eventually(async () => /"skippedBatches":[1-9]/.test(last))
})

test('there are at most eight pages, and the ninth is rejected with Retry-After', async (t) => {
  const { port, subscribers } = await open(t)
  for (let i = 0; i < 8; i++) openPage(t, port).resume()
  await eventually(async () => subscribers() === 8)
  const response = await fetch(`http://127.0.0.1:${port}/page/events`)
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '10'])
  assert.match(await response.text(), /open 8 times already/)
})

test('eight pages that never read give their places to new ones after a while', async (t) => {
  const { port, subscribers } = await open(t, 10)
  for (let i = 0; i < 8; i++) openPage(t, port).pause()
  await eventually(async () => subscribers() === 8)
  const reader = await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/page/events`)
    if (response.status === 200) return response.body?.getReader()
    await response.body?.cancel()
    return false
  })
  assert.match(new TextDecoder().decode((await reader?.read())?.value), /^retry: 1000/)
  assert.ok(subscribers() <= 8)
  await reader?.cancel()
})

test('pages of other sites do not count as open pages', async (t) => {
  const { port, subscribers } = await open(t)
  for (const site of ['cross-site', 'same-site']) {
    const response = await httpGet(`http://127.0.0.1:${port}/page/events`, { 'sec-fetch-site': site })
    assert.equal(response.status, 403, site)
  }
  assert.equal(subscribers(), 0)
})
