// Every way to send a request with node:http. For each: the bytes that the peer received, and what the caller got back.
const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const { EventEmitter } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Seen: yes\r\n\r\nhello'
const ANSWERS = {
  cut: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'not-found': 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno',
  'not-modified': 'HTTP/1.1 304 Not Modified\r\n\r\n',
  head: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
  garbage: 'this is no HTTP at all\r\n\r\n',
  hints: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
  upgrade: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
  'upgrade-refused': 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
  'connect.test': 'HTTP/1.1 200 Connection established\r\n\r\n',
  'slow-body': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
}
const ENDS = new Set(['cut', 'garbage', 'reset'])

let wire = ''
/** Answers a request once it is complete. */
const peer = net.createServer((socket) => {
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    const [head, body = ''] = text.split(/\r\n\r\n(.*)/s)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    if (/^expect: 100-continue/im.test(head) && body === '') socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    if (
      !text.includes('\r\n\r\n') ||
      body.length < length ||
      (/^transfer-encoding/im.test(head) && !body.endsWith('0\r\n\r\n'))
    )
      return
    wire += text
    text = ''
    const name = /^\S+ (?:http:\/\/[^/]*)?\/?([\w.-]*)/.exec(head)?.[1] ?? ''
    if (name === 'silent') return
    if (name === 'reset') return socket.resetAndDestroy()
    socket.write(ANSWERS[name] ?? OK)
    if (name === 'slow-body') setTimeout(() => socket.write('hello'), 30)
    if (ENDS.has(name)) setTimeout(() => socket.destroy(), 30)
  })
})

const events = []
/** What becomes of a request; `body`: sent with it. */
function outcome(request, body) {
  return new Promise((resolve) => {
    const seen = []
    for (const name of ['abort', 'timeout', 'continue', 'information']) request.on(name, () => seen.push(name))
    request.on('error', (error) =>
      seen.push(`error ${error.name} ${error.code} ${error.message.replace(/\d{4,5}/, 'PORT')}`),
    )
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('error', (error) => seen.push(`response error ${error.code} ${error.message}`))
      response.on('aborted', () => seen.push('aborted'))
      response.on('end', () => seen.push(`${response.statusCode} ${text} complete ${response.complete}`))
    })
    for (const name of ['upgrade', 'connect']) {
      request.on(name, (response, socket) => {
        seen.push(`${name} ${response.statusCode}`)
        socket.destroy()
      })
    }
    request.on('close', () => setImmediate(() => resolve(seen.join(', '))))
    if (body !== null) request.end(body)
  })
}

const call = (...args) => outcome(http.request(...args))
const plain = { agent: false, host: '127.0.0.1' }

const FORMS = {
  'url-text': (port) => call(`http://127.0.0.1:${port}/url-text?q=1#hash`),
  'url-object': (port) => call(new URL(`http://127.0.0.1:${port}/url-object`)),
  'url-and-options': (port) => call(`http://127.0.0.1:${port}/x`, { path: '/url-and-options', headers: { a: 'b' } }),
  'url-with-own-fields': (port) =>
    call(
      Object.assign(new URL(`http://127.0.0.1:${port}/url-with-own-fields`), { method: 'POST', headers: { a: 'b' } }),
    ),
  'url-credentials': (port) => call(new URL(`http://us%40er:p%3Ass@127.0.0.1:${port}/url-credentials`)),
  'text-credentials': (port) => call(`http://us%40er:p%3Ass@127.0.0.1:${port}/text-credentials`),
  'undefined-options': (port) =>
    new Promise((resolve) =>
      http.get(`http://127.0.0.1:${port}/undefined-options`, undefined, (response) =>
        resolve(response.resume().statusCode),
      ),
    ),
  'callback-only': (port) =>
    new Promise((resolve) =>
      http.get({ ...plain, port, path: '/callback-only' }, (response) => resolve(response.resume().statusCode)),
    ),
  'legacy-url': (port) => call({ ...require('node:url').parse(`http://127.0.0.1:${port}/legacy-url?a=b`) }),
  localhost: (port) => call({ port, path: '/localhost', family: 4 }),
  'array-flat': (port) =>
    call({
      ...plain,
      port,
      path: '/array-flat',
      headers: ['Host', 'h', 'Authorization', 'Bearer x', 'X-A', '1', 'X-A', '2'],
    }),
  'array-pairs': (port) =>
    call({
      ...plain,
      port,
      path: '/array-pairs',
      headers: [
        ['Host', 'h'],
        ['Cookie', 'a=1'],
        ['X-A', '1'],
      ],
    }),
  'array-empty': (port) => call({ ...plain, port, path: '/array-empty', headers: [] }),
  'headers-frozen': (port) =>
    call(
      Object.freeze({
        ...plain,
        port,
        path: '/headers-frozen',
        headers: Object.freeze({ a: 'b', Cookie: ['a=1', 'b=2'] }),
      }),
    ),
  'headers-null-prototype': (port) =>
    call({ __proto__: null, ...plain, port, path: '/headers-null-prototype', headers: { __proto__: null, a: 'b' } }),
  'headers-inherited': (port) =>
    call({ ...plain, port, path: '/headers-inherited', headers: Object.create({ a: 'b' }) }),
  auth: (port) => call({ ...plain, port, path: '/auth', auth: 'user:p%3Ass' }),
  'default-port': (port) => call({ ...plain, defaultPort: port, path: '/default-port' }),
  'agent-default-port': (port) => {
    const agent = Object.assign(new http.Agent(), { defaultPort: port })
    return call({ host: '127.0.0.1', agent, path: '/agent-default-port' })
  },
  'foreign-host': (port) => call({ ...plain, port, path: '/foreign-host', headers: { host: 'shop.test' } }),
  'no-host': (port) => call({ ...plain, port, path: '/no-host', setHost: false }),
  'absolute-path': (port) => call({ ...plain, port, path: 'http://proxied.test:81/absolute-path' }),
  'lower-case-method': (port) => call({ ...plain, port, path: '/lower-case-method', method: 'post' }),
  'other-method': (port) => call({ ...plain, port, path: '/other-method', method: 'PURGE' }),
  'socket-path': async () => {
    const path = `${require('node:os').tmpdir()}/call-forms-${process.pid}.sock`
    const server = http.createServer((request, response) => response.end('unix'))
    await once(server.listen(path), 'listening')
    const result = await call({ socketPath: path, path: '/socket-path', agent: false })
    server.close()
    return result
  },
  'create-connection': (port) =>
    call({
      path: '/create-connection',
      host: 'elsewhere.test',
      createConnection: () => net.connect(port, '127.0.0.1'),
    }),
  'create-connection-later': (port) =>
    call({
      path: '/create-connection-later',
      host: 'elsewhere.test',
      createConnection: (options, done) => void setImmediate(() => done(null, net.connect(port, '127.0.0.1'))),
    }),
  'create-connection-fails': () =>
    Promise.race([
      call({
        path: '/create-connection-fails',
        host: 'elsewhere.test',
        createConnection: (options, done) =>
          void setImmediate(() => done(Object.assign(new Error('no way'), { code: 'ENOWAY' }))),
      }),
      sleep(50, 'no close'),
    ]),
  'new-client-request': (port) => outcome(new http.ClientRequest({ ...plain, port, path: '/new-client-request' })),
  'body-text': (port) => outcome(http.request({ ...plain, port, path: '/body-text', method: 'POST' }), 'text'),
  'body-late': async (port) => {
    const request = http.request({
      ...plain,
      port,
      path: '/body-late',
      method: 'PUT',
      headers: { 'content-length': 4 },
    })
    const result = outcome(request, null)
    await sleep(5)
    request.setHeader('x-late', '1')
    request.write('te')
    request.end('xt')
    return await result
  },
  expect: (port) => {
    const request = http.request({
      ...plain,
      port,
      path: '/expect',
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 2 },
    })
    const result = outcome(request, null)
    request.on('continue', () => request.end('ok'))
    request.flushHeaders()
    return result
  },
  flushed: (port) => {
    const request = http.request({ ...plain, port, path: '/flushed' })
    request.flushHeaders()
    return outcome(request)
  },
  'late-reader': (port) =>
    new Promise((resolve) => {
      const request = http.request({ ...plain, port, path: '/late-reader' })
      request.prependOnceListener('response', async (response) => {
        await sleep(20)
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(text)
      })
      request.end()
    }),
  'no-reader': async (port) => {
    const request = http.request({ ...plain, port, path: '/no-reader' })
    request.end()
    await once(request, 'close')
    return `${request.res.complete} ${request.res.readableEnded}`
  },
  chunked: (port) => call({ ...plain, port, path: '/chunked' }),
  'slow-body': (port) => call({ ...plain, port, path: '/slow-body' }),
  'not-found': (port) => call({ ...plain, port, path: '/not-found' }),
  'not-modified': (port) => call({ ...plain, port, path: '/not-modified' }),
  head: (port) => call({ ...plain, port, path: '/head', method: 'HEAD' }),
  hints: (port) => call({ ...plain, port, path: '/hints' }),
  upgrade: (port) => call({ ...plain, port, path: '/upgrade', headers: { connection: 'Upgrade', upgrade: 'x' } }),
  'upgrade-refused': (port) =>
    call({ ...plain, port, path: '/upgrade-refused', headers: { connection: 'Upgrade', upgrade: 'x' } }),
  connect: (port) => call({ ...plain, port, method: 'CONNECT', path: 'connect.test:443' }),
  'keep-alive': async (port) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const options = { agent, host: '127.0.0.1', port, path: '/keep-alive' }
    const results = await Promise.all([1, 2, 3].map(() => call(options)))
    agent.destroy()
    return results.join(' ')
  },
  cut: (port) => call({ ...plain, port, path: '/cut' }),
  garbage: (port) => call({ ...plain, port, path: '/garbage' }),
  reset: (port) => call({ ...plain, port, path: '/reset' }),
  refused: () => call({ ...plain, port: 1, path: '/refused' }),
  'not-found-name': () =>
    call({
      agent: false,
      host: 'nowhere.test',
      path: '/not-found-name',
      lookup: (name, options, done) => done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })),
    }),
  'aborted-before': (port) => call({ ...plain, port, path: '/aborted-before', signal: AbortSignal.abort() }),
  'aborted-in-flight': (port) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 150)
    return call({ ...plain, port, path: '/silent', signal: controller.signal })
  },
  'timed-out': (port) => call({ ...plain, port, path: '/silent?timed-out', signal: AbortSignal.timeout(150) }),
  'timeout-destroyed': (port) => {
    const request = http.request({ ...plain, port, path: '/silent?timeout-destroyed', timeout: 150 })
    request.on('timeout', () => request.destroy(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' })))
    return outcome(request)
  },
  'abort-method': (port) => {
    const request = http.request({ ...plain, port, path: '/silent?abort-method' })
    setTimeout(() => request.abort(), 150)
    return outcome(request)
  },
  'destroyed-at-once': (port) => {
    const request = http.request({ ...plain, port, path: '/destroyed-at-once' })
    request.destroy()
    return outcome(request, null)
  },
  'response-destroyed': (port) => {
    const request = http.request({ ...plain, port, path: '/slow-body?response-destroyed' })
    request.on('response', (response) => response.destroy())
    return outcome(request)
  },
  'emit-replaced': (port) => {
    const request = http.request({ ...plain, port, path: '/emit-replaced' })
    const { emit } = request
    const names = []
    request.emit = function (name, ...rest) {
      names.push(name)
      return emit.call(this, name, ...rest)
    }
    return outcome(request).then(
      (result) => `${result} ${names.filter((name) => name === 'close' || name === 'response')}`,
    )
  },
  thrown: (port) =>
    new Promise((resolve) => {
      process.once('uncaughtException', ({ stack }) => resolve(stack.replaceAll(__filename, 'FILE')))
      http.get({ ...plain, port, path: '/thrown' }, () => {
        throw new Error('mine')
      })
    }),
}

const REFUSED = {
  'method that is a number': () => http.request({ ...plain, method: -1 }),
  'method with a space': () => http.request({ ...plain, method: 'A B' }),
  'path with a space': () => http.request({ ...plain, path: '/a b' }),
  'header with a line end': () => http.request({ ...plain, headers: { a: 'b\r\nc' } }),
  'header of undefined': () => http.request({ ...plain, headers: { a: undefined } }),
  protocol: () => http.request('ftp://127.0.0.1/'),
  'https by http': () => http.get('https://127.0.0.1/'),
  'no URL': () => http.get('not a url'),
  'host that is a number': () => http.get({ host: 5 }),
  'agent that is none': () => https.get({ agent: {} }),
  'create-connection-throws': () => {
    const request = http.get({
      host: 'x.test',
      createConnection: () => {
        throw new Error('no way')
      },
    })
    request.on('error', ({ message }) => events.push(message))
    return 'no throw'
  },
}

const count = (emitter) =>
  Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]))

/** What is seen of a request, and of the module. */
async function looks(port) {
  const request = http.request({ ...plain, port, path: '/looks' })
  const own = () => [Object.keys(request), Object.getOwnPropertySymbols(request).map(String), count(request)]
  const before = own()
  const listed = []
  for (const key in request) listed.push(key)
  const done = once(request, 'response')
  request.end()
  const [response] = await done
  const answered = [
    Object.keys(response),
    Object.getOwnPropertySymbols(response).map(String),
    count(response),
    count(request),
    count(request.socket),
  ]
  response.resume()
  await once(request, 'close')
  const functions = [
    http.get,
    http.request,
    https.get,
    https.request,
    http.ClientRequest,
    request.emit,
    response.push,
    response.on,
    request.end,
  ]
  return {
    before,
    listed: listed.toSorted(),
    answered,
    functions: functions.map(({ name, length }) => `${name} ${length}`),
    same: [
      request.emit === EventEmitter.prototype.emit,
      response.push === require('node:stream').Readable.prototype.push,
    ],
  }
}

async function main() {
  const warnings = []
  process.on('warning', ({ name, message }) => warnings.push(`${name} ${message.slice(0, 90)}`))
  await once(peer.listen(0, '127.0.0.1'), 'listening')
  const { port } = peer.address()
  const print = (name, result) => {
    const bytes = wire.replaceAll(/^traceparent: .*\r\n/gim, '').replaceAll(String(port), 'PORT')
    console.log(JSON.stringify({ name, result, wire: bytes }))
    wire = ''
  }
  for (const [name, form] of Object.entries(FORMS)) {
    print(name, await Promise.race([form(port), sleep(2000, 'never')]))
  }
  for (const [name, attempt] of Object.entries(REFUSED)) {
    try {
      const returned = attempt()
      if (typeof returned === 'object') returned.on('error', () => {}).destroy()
      print(name, String(returned))
    } catch (error) {
      print(name, `${error.name} ${error.code} ${error.message} ${error.stack.split('\n').length}`)
    }
  }
  await sleep(20)
  print('looks', await looks(port))
  const domain = require('node:domain').create()
  print('domain', await domain.run(() => call({ ...plain, port, path: '/domain' })))
  const many = http.request({ ...plain, port, path: '/many' })
  for (let i = 0; i < 10; i++) for (const name of ['response', 'close', 'error']) many.on(name, () => {})
  many.end()
  const [response] = await once(many, 'response')
  for (let i = 0; i < 9; i++) for (const name of ['end', 'close', 'error', 'data']) response.on(name, () => {})
  await once(many, 'close')
  await sleep(20)
  print('many', { events, warnings })
  // What the app destroyed or upgraded leaves sockets behind.
  process.exit()
}

void main()
