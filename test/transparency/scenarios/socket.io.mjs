// packages: socket.io, socket.io-client
// env: OBS_FRAMEWORK_SPANS=handlers
// differs: raw listeners -- a listener is wrapped as Node wraps one of once(): listeners(), off() and counts know the app's own
import { once } from 'node:events'
import { createServer } from 'node:http'

export default async function ({ load, loadDefault, say, attempt, format }) {
  const exports = (await loadDefault('socket.io')) ?? (await load('socket.io'))
  const clients = (await load('socket.io-client')).io
    ? await load('socket.io-client')
    : await loadDefault('socket.io-client')
  const make = exports.Server ? (server) => new exports.Server(server) : (server) => exports(server)
  const connect = clients.io ?? clients
  const http = createServer()
  const io = make(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const connected = new Promise((resolve) => io.on('connection', resolve))
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'], reconnection: false })
  const socket = await connected
  say('functions', ...['on', 'once', 'off', 'emit', 'removeListener'].map((name) => socket[name]), io.on, io.emit)
  const received = []
  // An acknowledgement says that all before it has arrived.
  socket.on('done', (done) => done())
  const settled = () => new Promise((resolve) => client.emit('done', resolve))
  const named = (name) =>
    Object.assign(
      function listener(...args) {
        received.push(name, args.length, this === socket)
      },
      { own: name },
    )
  const handlers = ['off', 'removeListener', 'all'].map(named)
  const [off, removed] = handlers
  socket.on('m', off)
  socket.off?.('m', off)
  socket.on('m', removed)
  say(
    'listeners',
    socket.listeners('m')[0] === removed,
    socket.listeners('m'),
    socket.listenerCount('m'),
    socket.listenerCount('m', removed),
  )
  socket.removeListener('m', removed)
  socket.once('m', named('once, removed'))
  socket.removeListener('m', socket.listeners('m')[0])
  say('chained', socket.on('m', named('on')) === socket, socket.prependListener('m', named('first')) === socket)
  say('raw listeners', socket.rawListeners('m'))
  client.emit('m', 1)
  await settled()
  say('received', received.splice(0))
  for (let round = 0; round < 15; round += 1) {
    socket.once('r', named('once'))
    client.emit('r', round)
    await settled()
  }
  say('once', received.splice(0).length, socket.listenerCount('r'), socket.eventNames().map(String).toSorted())
  const events = []
  const areKnown = await attempt('events of listeners', () => {
    socket.on('newListener', (event, listener) => events.push(['new', event, listener]))
    socket.on('removeListener', (event, listener) => events.push(['removed', event, listener]))
    return true
  })
  // Socket.IO 3 and newer refuse them too late.
  if (!areKnown) socket.removeAllListeners('newListener')
  const temporary = named('temporary')
  socket.on('t', temporary)
  socket.removeListener('t', temporary)
  socket.once('t', temporary)
  client.emit('t')
  await settled()
  say('listeners', events)
  let runs = 0
  socket.on('lazy', () => ({ then: () => (runs += 1) }))
  client.emit('lazy')
  await settled()
  say('a returned query is not run', runs)
  await attempt('no listener', () => socket.on('x', undefined))
  await attempt('no listener at all', () => socket.on('x'))
  const answered = new Promise((resolve) =>
    client.on('ask', (value, answer) => resolve([value, typeof answer]) ?? answer('yes')),
  )
  const acknowledged = new Promise((resolve) => socket.emit('ask', Object.freeze({ a: 1 }), (...args) => resolve(args)))
  say('asked', await answered, await acknowledged)
  const told = new Promise((resolve) => client.once('all', (...args) => resolve(args)))
  say('broadcast', typeof io.emit('all', { b: 2 }), await told)
  process.once('unhandledRejection', ({ message }) => say('unhandled', message))
  socket.on('fails', async () => {
    throw new Error('asynchronously')
  })
  client.emit('fails')
  await settled()
  client.close()
  io.close()
}
