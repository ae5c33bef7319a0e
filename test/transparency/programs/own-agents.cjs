'use strict'
// runs: with the whole matrix
// Agents of the app: subclasses, sockets that it makes itself, and the listeners of sockets that are kept.
const { once } = require('node:events')
const http = require('node:http')
const net = require('node:net')
const { Duplex } = require('node:stream')
const { say, attempt } = require('../say.cjs')

class Counting extends http.Agent {
  calls = []
  addRequest(request, options, ...rest) {
    this.calls.push(['addRequest', Object.keys(options).filter((key) => /trace|span|otel/i.test(key)), rest.length])
    return super.addRequest(request, options, ...rest)
  }
  createConnection(options, done) {
    this.calls.push(['createConnection', typeof done, this.getName(options).replace(/\d+/g, 'N')])
    const socket = super.createConnection(options)
    setImmediate(done, null, socket)
  }
  keepSocketAlive(socket) {
    this.calls.push(['keepSocketAlive', socket.listenerCount('close'), socket.eventNames().map(String)])
    return super.keepSocketAlive(socket)
  }
  reuseSocket(socket, request) {
    this.calls.push(['reuseSocket', request.reusedSocket])
    return super.reuseSocket(socket, request)
  }
}

const answer = async (asked) => {
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return [response.statusCode, text, asked.reusedSocket]
}
const main = async () => {
  const server = http.createServer((request, response) => response.end(`answer ${request.url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const agent = new Counting({ keepAlive: true, maxSockets: 1 })
  for (const path of ['/1', '/2', '/3']) {
    await attempt(path, () => answer(http.get({ port, host: '127.0.0.1', path, agent })))
    await new Promise(setImmediate)
  }
  say('calls', agent.calls)
  say('free', Object.values(agent.freeSockets).flat().length, Object.values(agent.sockets).flat().length)
  agent.destroy()
  await attempt('own connection', () =>
    answer(http.get({ host: 'elsewhere', createConnection: () => net.connect(port, '127.0.0.1') })),
  )
  const failing = {
    host: '127.0.0.1',
    port,
    createConnection: (_options, done) => void done(new RangeError('no socket')),
  }
  await attempt('no connection', () => answer(http.get(failing)))
  const answering = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      this.push('HTTP/1.1 299 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi')
      done()
    },
  })
  await attempt('no socket', () => answer(http.get({ host: 'nowhere', createConnection: () => answering })))
  for (const wrong of [{}, 'text', 5, null, false]) {
    await attempt('agent', () => answer(http.get({ port, host: '127.0.0.1', agent: wrong })))
  }
  server.close()
  server.closeAllConnections()
}
main()
