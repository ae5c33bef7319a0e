import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { clientApp, withoutClients } from '../support/clients.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { scrape } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'
import { eventually } from '../support/eventually.ts'

const skip = withoutClients()
const FILES = 50

async function startStreams(t: TestContext, env: Record<string, string> = {}): Promise<ServingApp> {
  return await startServingApp(t, { app: clientApp('use-streams.mjs'), env })
}

async function isActive({ sidePort }: ServingApp, count: number): Promise<boolean> {
  return (await scrape(sidePort)).sum('http_server_active_requests') === count
}

const ofPath =
  (path: string) =>
  ({ kind, attributes }: ReceivedSpan): boolean =>
    kind === 'server' && attributes['url.path'] === path

async function openEvents({ port }: ServingApp): Promise<IncomingMessage> {
  const call = request({ host: '127.0.0.1', port, path: '/events', agent: false }).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  await once(response, 'data')
  return response
}

test('a stream of events is active until it ends, and its span ends with it', { skip }, async (t) => {
  const app = await startStreams(t)
  const events = await openEvents(app)
  await eventually(() => isActive(app, 1))
  await app.get('/other')
  await app.receiver.waitForSpans((all) => all.some(ofPath('/other')))
  assert.deepEqual(app.receiver.spans.filter(ofPath('/events')), [])
  const ended = once(events.resume(), 'end')
  await app.get('/end')
  await ended
  const spans = await app.receiver.waitForSpans((all) => all.some(ofPath('/events')) && all.some(ofPath('/end')))
  const [stream, end] = ['/events', '/end'].map((path) => spans.find(ofPath(path)) ?? assert.fail())
  assert.ok(stream && end && stream.startNanos < end.startNanos && stream.endNanos >= end.startNanos)
  assert.deepEqual([stream.attributes['http.response.status_code'], stream.status], [200, 'unset'])
  await eventually(() => isActive(app, 0))
})

test('a stream whose client disconnects is no longer active', { skip }, async (t) => {
  const app = await startStreams(t)
  const events = await openEvents(app)
  await eventually(() => isActive(app, 1))
  events.destroy()
  const spans = await app.receiver.waitForSpans((all) => all.some(ofPath('/events')))
  assert.equal(spans.find(ofPath('/events'))?.attributes['error.type'], 'aborted')
  await eventually(() => isActive(app, 0))
})

/** Closes the connection as soon as the last byte of the body has arrived, before Node.js reports the response as finished. */
async function takeFile({ port }: ServingApp): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /file HTTP/1.1\r\nHost: a\r\n\r\n')
  let received = ''
  for await (const chunk of socket) {
    received += String(chunk)
    const [head = '', body] = received.split('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    if (body !== undefined && Buffer.byteLength(body) >= length) break
  }
  socket.destroy()
}

test('a file whose client disconnects right after its last byte was sent completely', { skip }, async (t) => {
  const app = await startStreams(t)
  for (let file = 0; file < FILES; file += 1) await takeFile(app)
  const spans = await app.receiver.waitForSpans((all) => all.filter(ofPath('/file')).length === FILES)
  const outcomes = spans
    .filter(ofPath('/file'))
    .map(({ attributes }) => [attributes['http.response.status_code'], attributes['error.type']])
  assert.deepEqual(
    outcomes,
    Array.from({ length: FILES }, () => [200, undefined]),
  )
})

interface Client {
  once(event: string, listener: (...args: never[]) => void): unknown
  send(text: string): void
  close(): void
  emit(event: string, ...args: unknown[]): unknown
}

const load = createRequire(clientApp('use-streams.mjs'))

test(
  'a WebSocket is a handshake of status 101 and not active; its messages are traces of their own',
  { skip },
  async (t) => {
    const app = await startStreams(t)
    const WebSocket = load('ws') as new (url: string) => Client
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/plain`)
    t.after(() => socket.close())
    await new Promise<void>((resolve) => socket.once('open', resolve))
    const answered = new Promise((resolve) => socket.once('message', resolve))
    socket.send('one')
    assert.equal(String(await answered), 'answer to one')
    await eventually(() => isActive(app, 0))
    const expected = ['server GET 101', 'client GET 200\n└─ server GET 200']
    assert.deepEqual(await treesOf(app, expected), expected)
  },
)

const EVENTS = {
  none: ['server GET 101', 'client GET 200\n└─ server GET 200'],
  handlers: ['server GET 101', 'consumer receive / order\n└─ client GET 200\n   └─ server GET 200'],
} as const

for (const [spans, trees] of Object.entries(EVENTS)) {
  test(`OBS_FRAMEWORK_SPANS=${spans}: events of Socket.IO`, { skip }, async (t) => {
    const app = await startStreams(t, { OBS_FRAMEWORK_SPANS: spans })
    const { io } = load('socket.io-client') as { io(url: string, options: object): Client }
    const socket = io(`http://127.0.0.1:${app.port}`, { transports: ['websocket'] })
    t.after(() => socket.close())
    const answer = await new Promise((resolve) => socket.emit('order', 'one', resolve))
    assert.equal(answer, 'answer to one')
    assert.match(app.process.stdout, spans === 'none' ? /own listener true/ : /own listener false/)
    await eventually(() => isActive(app, 0))
    assert.deepEqual(await treesOf(app, trees), trees)
  })
}

/** One a trace, oldest first, of those that are no event of the connection itself. */
function treesIn(spans: readonly ReceivedSpan[]): string[] {
  return spanTree(spans, describe)
    .split(/\n(?=\w)/)
    .filter((tree) => !/connect/.test(tree))
}

async function treesOf({ receiver }: ServingApp, expected: readonly string[]): Promise<string[]> {
  await receiver.waitForSpans((spans) => treesIn(spans).length >= expected.length, 30_000).catch(() => {})
  return treesIn(receiver.spans)
}

function describe({ kind, name, attributes }: ReceivedSpan): string {
  return [kind, name, attributes['messaging.socket.io.event_name'], attributes['http.response.status_code']]
    .filter((each) => each !== undefined)
    .join(' ')
}
