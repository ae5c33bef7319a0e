'use strict'
// runs: with the whole matrix
// Servers whose listeners and emit are taken, wrapped, moved and put back, as attached protocols and proxies do.
const { once } = require('node:events')
const http = require('node:http')
const { say } = require('../say.cjs')

const ask = (port, path) =>
  new Promise((resolve) => {
    http.get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (text) => resolve([response.statusCode, text]))
    })
  })

const main = async () => {
  const own = (request, response) => response.end(`own ${request.url}`)
  const server = http.createServer(own)
  say('listeners', server.listeners('request').length, server.listeners('request')[0] === own, server.eventNames())
  say('raw', server.rawListeners('request')[0] === own, Object.hasOwn(server, 'emit'), server.emit)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  say('before', await ask(port, '/a'))
  const listeners = server.listeners('request').slice(0)
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (request.url.startsWith('/attached')) return response.end('attached')
    for (const listener of listeners) listener.call(server, request, response)
  })
  say('attached', await ask(port, '/attached/x'), await ask(port, '/b'))
  const { emit } = server
  const events = []
  server.emit = function (event, ...args) {
    events.push([event, args.length])
    return emit.call(this, event, ...args)
  }
  say('replaced emit', await ask(port, '/c'), events)
  delete server.emit
  server.prependOnceListener('request', (request) => request.headers['x-added'])
  say('once', await ask(port, '/d'), server.listenerCount('request'))
  const sockets = []
  server.on('connection', (socket) => sockets.push(socket))
  const other = http.createServer((request, response) => response.end('from the other server'))
  server.removeAllListeners('connection')
  server.on('connection', (socket) => other.emit('connection', socket))
  say('handed on', await ask(port, '/e'))
  server.close()
  server.closeAllConnections()
  other.closeAllConnections()
}
main()
