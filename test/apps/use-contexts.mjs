/**
 * A server whose handlers note wherever they are whether the active span is in the trace that their own request came with, and
 * the clients that it is loaded by: what was noted is printed as JSON when all is over.
 */
import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 64)
const ROUNDS = Number(process.env.ROUNDS ?? 12)

const noted = {}
const wrong = []
const active = () => trace.getActiveSpan()?.spanContext().traceId

function note(where, traceId) {
  noted[where] = (noted[where] ?? 0) + 1
  if (active() !== traceId) wrong.push(`${where}: ${active()} instead of ${traceId}`)
}

const traceOf = (request) => request.headers.traceparent?.split('-')[1]

const server = createServer(async (request, response) => {
  const { url } = request
  const traceId = url.startsWith('/ignored') ? undefined : traceOf(request)
  const here = (where) => note(`${where} of ${url}`, traceId)
  here('handler')
  request.on('close', () => here('close of the request'))
  response.on('finish', () => here('finish')).on('close', () => here('close of the response'))
  if (request.method === 'POST') {
    request
      .on('data', () => here('data'))
      .on('end', () => {
        here('end')
        response.end(String(active()))
      })
    return
  }
  if (url === '/hang') {
    request.on('aborted', () => here('aborted'))
    return
  }
  if (url === '/fails') {
    request.on('aborted', () => here('aborted'))
    response.on('error', () => here('error'))
    response.write('half')
    return
  }
  await Promise.resolve()
  here('microtask')
  await sleep(url === '/slow' ? 5 : 0)
  here('timer')
  setImmediate(() => {
    here('immediate')
    response.end(String(active()))
  })
})

server.on('upgrade', (request, socket) => {
  note('upgrade', traceOf(request))
  queueMicrotask(() => note('microtask of the upgrade', traceOf(request)))
  socket.on('data', (data) => {
    // By then the handshake is over for long: its context is not that of the messages.
    note('message', undefined)
    socket.write(data)
  })
  socket.on('end', () => socket.end())
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
})
server.on('connect', (request, socket) => {
  note('connect', traceOf(request))
  socket.end('HTTP/1.1 200 OK\r\n\r\n')
})

let count = 0
const newTrace = () => (++count).toString(16).padStart(32, '1')
const head = (traceId, line, more = '') =>
  `${line} HTTP/1.1\r\nHost: a\r\ntraceparent: 00-${traceId}-00f067aa0ba902b7-01\r\n${more}\r\n`

const answers = (text, bodies) => text.split('HTTP/1.1 200 OK').length - 1 === bodies && text.endsWith('\n') === false

async function client(index) {
  // The sockets of clients are made where no context is.
  const outside = new AsyncResource('client')
  const open = () => outside.runInAsyncScope(() => connect(server.address().port, '127.0.0.1'))
  let socket = open()
  await once(socket, 'connect')
  for (let round = 0; round < ROUNDS; round++) {
    const kind = (index + round) % 6
    if (kind === 5) {
      socket.write(head(newTrace(), `GET ${index % 2 ? '/hang' : '/fails'}`))
      await sleep(10)
      socket.destroy()
      socket = open()
      await once(socket, 'connect')
      continue
    }
    const ids = Array.from({ length: kind === 1 ? 3 : 1 }, newTrace)
    let got = ''
    const whole = new Promise((done, failed) => {
      socket.on('data', function onData(data) {
        got += data
        if (!answers(got, ids.length) || !got.includes(kind === 4 ? 'undefined' : ids.at(-1))) return
        socket.off('data', onData)
        done()
      })
      socket.once('close', () => failed(new Error(`closed: ${got}`)))
    })
    if (kind === 0) socket.write(head(ids[0], 'GET /slow'))
    // Sent ahead.
    if (kind === 1) socket.write(ids.map((id) => head(id, 'GET /ahead')).join(''))
    if (kind === 2 || kind === 4) {
      socket.write(head(ids[0], `POST ${kind === 4 ? '/ignored' : '/body'}`, 'Content-Length: 6\r\n'))
      socket.write('abc')
      await sleep(5)
      socket.write('def')
    }
    if (kind === 3) {
      socket.write(head(ids[0], 'POST /chunks', 'Transfer-Encoding: chunked\r\n'))
      for (const piece of ['3\r\nabc\r\n', '1\r\nd\r\n', '0\r\n\r\n']) {
        socket.write(piece)
        await sleep(3)
      }
    }
    await whole
    if (kind !== 4) for (const id of ids) if (!got.includes(id)) wrong.push(`no answer of ${id}: ${got}`)
    socket.removeAllListeners('close')
  }
  socket.destroy()
}

async function upgraded() {
  const socket = connect(server.address().port, '127.0.0.1')
  socket.write(head(newTrace(), 'GET /up', 'Upgrade: x\r\nConnection: Upgrade\r\n'))
  await once(socket, 'data')
  for (let i = 0; i < 3; i++) {
    socket.write('message')
    await once(socket, 'data')
  }
  socket.end()
  await once(socket, 'close')
  const tunnel = connect(server.address().port, '127.0.0.1')
  tunnel.write(head(newTrace(), 'CONNECT a:1'))
  await once(tunnel.resume(), 'close')
}

await once(server.listen(0, '127.0.0.1'), 'listening')
await upgraded()
await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => client(index)))
server.closeAllConnections()
server.close()
await sleep(100)
console.log(JSON.stringify({ noted, wrong }))
