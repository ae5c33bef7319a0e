// runs: with the whole matrix
// Every way of reading a response, late ones and none, on one connection that is kept alive.
import { once } from 'node:events'
import { Agent, createServer, get, request } from 'node:http'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { say } from '../say.cjs'

const TEXT = 'some text '.repeat(10_000)
const server = createServer((asked, response) => response.end(TEXT)).listen(0, '127.0.0.1')
await once(server, 'listening')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const options = { port: server.address().port, host: '127.0.0.1', agent }
const sockets = new Set()
const responseTo = async (call) => {
  const [response] = await once(call, 'response')
  sockets.add(response.socket)
  return response
}
const READERS = {
  async iterated(response) {
    let length = 0
    for await (const chunk of response) length += chunk.length
    return length
  },
  late: async (response) => wait(20).then(() => buffer(response).then(({ length }) => length)),
  async readable(response) {
    let length = 0
    response.on('readable', () => {
      for (let chunk = response.read(); chunk !== null; chunk = response.read()) length += chunk.length
    })
    await once(response, 'end')
    return length
  },
  async piped(response) {
    let length = 0
    await pipeline(
      response,
      new Writable({ write: (chunk, _encoding, done) => done(null, void (length += chunk.length)) }),
    )
    return length
  },
  async encoded(response) {
    response.setEncoding('utf8')
    const chunks = await response.toArray()
    return chunks.join('').length
  },
  async resumed(response) {
    await once(response.resume(), 'end')
    return response.complete
  },
}
for (const [name, read] of Object.entries(READERS)) {
  const response = await responseTo(get(options))
  say(name, await read(response), response.listenerCount('data'), response.listenerCount('end'), response.eventNames())
}
const ignored = request(options)
ignored.end()
await once(ignored, 'close')
say('no listener', ignored.res?.complete, ignored.eventNames().map(String))
const paused = await responseTo(get(options))
say('nothing read', paused.readableFlowing, paused.readableLength > 0, paused.destroyed)
paused.destroy()
say('connections', sockets.size)
agent.destroy()
server.close()
server.closeAllConnections()
