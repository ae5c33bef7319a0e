import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { get } from 'node:http'
import { test, type TestContext } from 'node:test'
import bcrypt from 'bcryptjs'
import fc from 'fast-check'
import { hostCheck } from '../../src/sideport/host-check.ts'
import { httpGet } from '../support/scrape.ts'
import { eventually } from '../support/eventually.ts'
import { collected } from '../support/collected-metrics.ts'
import { oneGauge, opened } from '../support/opened-side-port.ts'

/** Connections that have sent `text` and are left as they are. */
async function clients(t: TestContext, port: number, count: number, text: string): Promise<Socket[]> {
  const all = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}))
  t.after(() => all.forEach((socket) => socket.destroy()))
  await Promise.all(all.map((socket) => once(socket, 'connect')))
  for (const socket of all) if (text !== '' && !socket.destroyed) socket.write(text)
  return all
}

const WHOLE = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'
const HELD: readonly (readonly [title: string, count: number, text: string])[] = [
  ['connections that send nothing', 200, ''],
  ['idle keep-alive connections', 100, WHOLE],
  ['half-sent requests', 200, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\nx-half: '],
]

for (const [title, count, text] of HELD) {
  test(`${count} ${title} close nothing: 20 of 20 probes and 20 of 20 scrapes are answered`, async (t) => {
    const { port } = await opened(t)
    await clients(t, port, count, text)
    for (let round = 0; round < 20; round++) {
      assert.equal((await httpGet(`http://127.0.0.1:${port}/healthz`)).status, 200)
      assert.equal((await httpGet(`http://127.0.0.1:${port}/metrics`)).status, 200)
    }
  })
}

test('while all connections are busy, probes have reserved connections and scrapes are rejected', async (t) => {
  const answers: (() => void)[] = []
  const { port } = await opened(t, {}, async () => {
    await new Promise<void>((resolve) => answers.push(resolve))
    return oneGauge()
  })
  const held = await clients(t, port, 100, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await eventually(async () => answers.length > 0)
  // Ten of them collect; the others were told that there are too many, and are idle.
  assert.equal((await httpGet(`http://127.0.0.1:${port}/healthz`)).status, 200)
  assert.equal((await httpGet(`http://127.0.0.1:${port}/metrics`)).status, 503)
  for (const answer of answers) answer()
  assert.ok(held.length === 100)
})

test('slow readers of a large exposition do not block scrapes: 2 of 2 succeed', async (t) => {
  // Some 16 MB, far more than what two sockets buffer.
  const large = await collected((meter) => {
    for (let gauge = 0; gauge < 8; gauge++) {
      for (let series = 0; series < 1900; series++)
        meter.createGauge(`g${gauge}`).record(1, { a: `${series}${'x'.repeat(1000)}` })
    }
  })
  const { port } = await opened(t, {}, async () => large)
  for (let round = 0; round < 10; round++) {
    const slow = get({ host: '127.0.0.1', port, path: '/metrics' }, (response) =>
      response.once('data', () => response.pause()),
    )
    slow.on('error', () => {})
    t.after(() => slow.destroy())
    await once(slow, 'response')
  }
  for (let round = 0; round < 2; round++) assert.equal((await httpGet(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

test('a flood of wrong passwords does not shut out the right one', async (t) => {
  const basicAuth = { user: 'scraper', passwordHash: bcrypt.hashSync('right', 4) }
  const { url } = await opened(t, { basicAuth })
  const as = (password: string): Promise<{ status: number | undefined }> =>
    httpGet(`${url}/metrics`, { authorization: `Basic ${Buffer.from(`scraper:${password}`).toString('base64')}` })
  const flood = Array.from({ length: 6 }, (_, index) => as(`wrong ${index}`))
  assert.equal((await as('right')).status, 200)
  assert.deepEqual(new Set((await Promise.all(flood)).map(({ status }) => status)), new Set([401]))
})

/** A client that sends `text` again after each response, and connects again when it is disconnected. */
function floodFrom(t: TestContext, port: number, text: string): void {
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  let isOver = false
  socket.on('data', () => socket.write(text)).on('error', () => {})
  socket.on('close', () => {
    if (!isOver) floodFrom(t, port, text)
  })
  t.after(() => {
    isOver = true
    socket.destroy()
  })
}

function encoded(password: string): string {
  return Buffer.from(`scraper:${password}`).toString('base64')
}

test('while 150 connections send wrong passwords, a known password and probes are answered', async (t) => {
  const basicAuth = { user: 'scraper', passwordHash: bcrypt.hashSync('right', 4) }
  const { url, port } = await opened(t, { basicAuth })
  const scrape = (): Promise<{ status: number | undefined }> =>
    httpGet(`${url}/metrics`, { authorization: `Basic ${encoded('right')}` })
  assert.equal((await scrape()).status, 200)
  for (let index = 0; index < 150; index++) {
    const guess = `GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic ${encoded(`wrong ${index}`)}\r\n\r\n`
    floodFrom(t, port, guess)
  }
  for (let round = 0; round < 2; round++) {
    assert.equal((await httpGet(`${url}/healthz`)).status, 200)
    assert.equal((await scrape()).status, 200)
  }
})

const HOSTS: readonly (readonly [listensOn: string, host: string, isKnown: boolean])[] = [
  ['localhost', 'localhost:9464', true],
  ['localhost', '127.0.0.1:9464', true],
  ['localhost', '[::1]:9464', true],
  ['localhost', 'metrics.localhost', true],
  ['localhost', 'rebound.evil.example:9464', false],
  ['127.0.0.1', 'localhost.evil.example', false],
  ['127.0.0.1', '127.0.0.1.evil.example', false],
  ['0.0.0.0', 'anything.example', true],
]

for (const [listensOn, host, isKnown] of HOSTS) {
  test(`listening on ${listensOn}, the name ${host} ${isKnown ? 'is answered' : 'gets 421'}`, async (t) => {
    const { port } = await opened(t, { host: listensOn })
    const { status } = await httpGet(`http://127.0.0.1:${port}/metrics`, { host })
    assert.equal(status, isKnown ? 200 : 421)
  })
}

test('any Host header is judged', () => {
  const isKnown = hostCheck('localhost')
  fc.assert(fc.property(fc.string(), (host) => assert.equal(typeof isKnown(host), 'boolean')))
})
