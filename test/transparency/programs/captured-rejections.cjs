'use strict'
// runs: with the whole matrix
// Handlers that reject, on servers and emitters with captureRejections.
const { EventEmitter, once } = require('node:events')
const http = require('node:http')
const { say } = require('../say.cjs')

EventEmitter.captureRejections = true

process.on('unhandledRejection', (error) => say('unhandled', error))
const get = (port, path) =>
  new Promise((resolve) => {
    http
      .get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
        response.on('error', () => {})
        response.resume().on('close', () => resolve([response.statusCode, response.complete]))
      })
      .on('error', (error) => resolve(error.code))
  })

async function rejecting(request, response) {
  if (request.url === '/half') response.write('half')
  await Promise.resolve()
  throw new RangeError(`rejected ${request.url}`)
}

const main = async () => {
  const server = http.createServer(rejecting).listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (const path of ['/whole', '/half']) say(path, await get(server.address().port, path))
  server.close()
  server.closeAllConnections()
  class Custom extends http.Server {
    [Symbol.for('nodejs.rejection')](error, event, request, response) {
      say('custom', error, event, request.url)
      response.writeHead(418).end()
    }
  }
  const custom = new Custom().on('request', rejecting).listen(0, '127.0.0.1')
  await once(custom, 'listening')
  say('custom answer', await get(custom.address().port, '/custom'))
  custom.close()
  const emitter = new EventEmitter()
  emitter.on('error', (error) => say('captured', error))
  emitter.on('event', rejecting)
  emitter.emit('event', { url: '/event' }, {})
}
main()
