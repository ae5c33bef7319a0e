// Ways to send a request with node's own fetch and with node:http2. For each: the headers that the peer received, and what
// the caller got back.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'

let received = []
function remember(method, path, headers) {
  const shown = Object.entries(headers).filter(([name]) => name !== 'traceparent')
  received.push([method, path, ...shown.map(([name, value]) => `${name}: ${value}`)])
}

const server = http.createServer((request, response) => {
  remember(request.method, request.url, request.headers)
  const name = request.url.split(/[/?]/)[1]
  if (name === 'redirect') response.writeHead(302, { location: '/redirected' }).end()
  else if (name === 'silent') return
  else if (name === 'not-found') response.writeHead(404).end('no')
  else if (name === 'cut') {
    response.writeHead(200, { 'content-length': 100 })
    response.write('hello')
    setTimeout(() => response.destroy(), 50)
  } else if (name === 'endless') {
    response.write('hello')
  } else request.pipe(response)
})
server.on('upgrade', (request, socket) => {
  remember(request.method, request.url, { upgrade: request.headers.upgrade })
  socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
})

const streams = http2.createServer()
streams.on('error', () => {})
streams.on('sessionError', () => {})
streams.on('stream', (stream, headers) => {
  remember(headers[':method'], headers[':path'], headers)
  stream.on('error', () => {})
  if (headers[':path'] === '/silent') return
  if (headers[':path'] === '/reset') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)
  stream.respond({ ':status': headers[':path'] === '/not-found' ? 404 : 200 })
  stream.end('hello')
})

async function text(promise) {
  try {
    const response = await promise
    return `${response.status} ${await response.text()}`
  } catch (error) {
    return `${error.name} ${error.message} ${error.cause?.code ?? error.cause?.message ?? ''}`
  }
}

const FETCHES = {
  'fetch-text': (url) => text(fetch(`${url}/fetch-text?q=1`)),
  'fetch-url': (url) => text(fetch(new URL(`${url}/fetch-url`))),
  'fetch-request': (url) => text(fetch(new Request(`${url}/fetch-request`, { headers: { a: 'b' } }))),
  'fetch-headers': (url) =>
    text(
      fetch(`${url}/fetch-headers`, {
        headers: new Headers([
          ['a', 'b'],
          ['a', 'c'],
        ]),
      }),
    ),
  'fetch-post': (url) => text(fetch(`${url}/fetch-post`, { method: 'POST', body: 'body' })),
  'fetch-stream': (url) =>
    text(fetch(`${url}/fetch-stream`, { method: 'PUT', duplex: 'half', body: new Blob(['stream']).stream() })),
  'fetch-method': (url) => text(fetch(`${url}/fetch-method`, { method: 'purge' })),
  redirect: (url) => text(fetch(`${url}/redirect`)),
  'not-found': (url) => text(fetch(`${url}/not-found`)),
  cut: (url) => text(fetch(`${url}/cut`)),
  'fetch-refused': () => text(fetch(`http://127.0.0.1:${closedPort}/fetch-refused`)),
  'fetch-aborted-before': (url) => text(fetch(`${url}/fetch-aborted-before`, { signal: AbortSignal.abort() })),
  'fetch-aborted': (url) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 150)
    return text(fetch(`${url}/silent?fetch-aborted`, { signal: controller.signal }))
  },
  'fetch-timed-out': (url) => text(fetch(`${url}/silent?fetch-timed-out`, { signal: AbortSignal.timeout(150) })),
  'fetch-cancelled': async (url) => {
    const response = await fetch(`${url}/endless?fetch-cancelled`)
    await response.body.cancel()
    return response.status
  },
  'bad method': (url) => text(fetch(url, { method: 'A B' })),
  'bad URL': () => text(fetch('http://')),
  websocket: async (url) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket`)
    const [{ message }] = await once(socket, 'error')
    return message
  },
}

async function streamed(session, headers, options, then = () => {}) {
  const stream = session.request(headers, options)
  const seen = []
  stream.on('response', (answer) => seen.push(answer[':status']))
  stream.on('error', ({ name, code }) => seen.push(`${name} ${code}`))
  stream.on('aborted', () => seen.push('aborted'))
  stream.on('data', (chunk) => seen.push(String(chunk)))
  then(stream)
  await new Promise((resolve) => stream.on('close', resolve))
  const sent = { ...stream.sentHeaders }
  delete sent.traceparent
  return [seen.join(' '), JSON.stringify(sent)]
}

const STREAMS = {
  'h2-default': (session) => streamed(session),
  'h2-object': (session) => streamed(session, { ':path': '/h2-object', Accept: 'x', 'set-thing': ['a', 'b'] }),
  'h2-frozen': (session) => streamed(session, Object.freeze({ __proto__: null, ':path': '/h2-frozen' })),
  'h2-post': (session) =>
    streamed(session, { ':method': 'POST', ':path': '/h2-post' }, {}, (stream) => stream.end('body')),
  'h2-sensitive': (session) =>
    streamed(session, { ':path': '/h2-sensitive', cookie: 'a', [http2.sensitiveHeaders]: ['cookie'] }),
  'h2-not-found': (session) => streamed(session, { ':path': '/not-found' }),
  'h2-reset': (session) => streamed(session, { ':path': '/reset' }),
  'h2-aborted': (session) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 150)
    return streamed(session, { ':path': '/silent' }, { signal: controller.signal })
  },
  'h2-closed': (session) =>
    streamed(session, { ':path': '/silent' }, {}, (stream) => setTimeout(() => stream.close(8), 100)),
  'h2-bad': (session) => {
    try {
      return streamed(session, { ':wrong': 'x' })
    } catch (error) {
      return `${error.name} ${error.code}`
    }
  },
  'h2-null': async (session) => {
    try {
      session.request(5)
    } catch (error) {
      return `${error.name} ${error.code}`
    }
  },
}

const closed = http.createServer()
await once(closed.listen(0, '127.0.0.1'), 'listening')
const closedPort = closed.address().port
closed.close()
await once(server.listen(0, '127.0.0.1'), 'listening')
await once(streams.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address()
const url = `http://127.0.0.1:${port}`
const print = (name, result) => {
  console.log(
    JSON.stringify({ name, result, received })
      .replaceAll(String(port), 'PORT')
      .replaceAll(String(closedPort), 'PORT')
      .replaceAll(String(streams.address().port), 'PORT'),
  )
  received = []
}
for (const [name, form] of Object.entries(FETCHES)) print(name, await Promise.race([form(url), sleep(3000, 'never')]))
const session = http2.connect(`http://127.0.0.1:${streams.address().port}`)
session.on('error', ({ code }) => console.log('session', code))
for (const [name, form] of Object.entries(STREAMS)) {
  const result = Promise.resolve(form(session)).catch((error) => `${error.name} ${error.code}`)
  print(name, await Promise.race([result, sleep(3000, 'never')]))
}
const { connect } = http2
print('looks', [connect.name, connect.length, session.request.name, session.request.length, fetch.name, fetch.length])
session.destroy()
process.exit()
