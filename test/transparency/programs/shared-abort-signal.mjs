// runs: with the whole matrix
// One signal for many calls, as a shutdown handler has it: each call removes what it added.
import { EventEmitter, getEventListeners, once } from 'node:events'
import { createServer, get } from 'node:http'
import { say } from '../say.cjs'

process.on('warning', ({ name }) => say('warning', name))
const server = createServer((request, response) => {
  if (request.url !== '/never') response.end('ok')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()
const { signal, ...controller } = withSignal()
const listeners = () => getEventListeners(signal, 'abort').length
for (let call = 0; call < 20; call += 1) {
  const answered = get({ port, host: '127.0.0.1', signal })
  const [response] = await once(answered, 'response')
  await once(response.resume(), 'close')
}
say('after requests', listeners())
for (let call = 0; call < 20; call += 1) await (await fetch(`http://127.0.0.1:${port}/`, { signal })).text()
say('after fetches', listeners())
const pending = [
  fetch(`http://127.0.0.1:${port}/never`, { signal }),
  once(get({ port, host: '127.0.0.1', path: '/never', signal }), 'response'),
  once(new EventEmitter(), 'never', { signal }),
]
setTimeout(() => controller.abort(new RangeError('over')), 50)
for (const { reason } of await Promise.allSettled(pending)) say('aborted', reason, reason === signal.reason)
say('at the end', listeners())
try {
  get({ port, host: '127.0.0.1', signal }).on('error', (error) => say('after the abort', error))
} catch (error) {
  say('thrown', error)
}
server.close()
server.closeAllConnections()

function withSignal() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) }
}
