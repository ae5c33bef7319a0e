// covers: http, undici
import { errorMonitor } from 'node:events'
import { createServer, request, get, Agent } from 'node:http'
import { say, attempt } from '../say.cjs'

say('functions', request, get, fetch, createServer, Agent.prototype.addRequest)
// Whoever listens to errorMonitor watches errors and handles none: that is what it is for.
const eventsOf = (emitter) =>
  emitter
    .eventNames()
    .filter((name) => name !== errorMonitor)
    .map(String)

const server = createServer((incoming, response) => {
  say('server', incoming.method, incoming.url, eventsOf(incoming), eventsOf(response))
  if (incoming.url === '/cut') return incoming.socket.destroy()
  const { traceparent, 'user-agent': agent, connection, ...headers } = incoming.headers
  response.setHeader('x-seen', Object.keys(headers).toSorted().join())
  response.end(incoming.url)
})
say('listeners', server.eventNames().map(String))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${server.address().port}`
await attempt(
  'get',
  () =>
    new Promise((resolve, reject) => {
      const asked = get(
        `${base}/a`,
        Object.freeze({ headers: Object.freeze({ a: 'b' }), agent: false }),
        (response) => {
          response.resume()
          response.on('end', () => resolve([response.statusCode, response.headers['x-seen']]))
        },
      )
      say('request', asked.eventNames().map(String))
      asked.on('error', reject)
    }),
)
await attempt('fetch', async () =>
  (await fetch(`${base}/b`, Object.freeze({ headers: Object.freeze({ a: 'b' }) }))).text(),
)
await attempt('a Request', async () => (await fetch(new Request(`${base}/c`, { method: 'POST', body: 'x' }))).text())
await attempt('aborted', async function service() {
  return await fetch(`${base}/d`, { signal: AbortSignal.abort() })
})
await attempt(
  'cut',
  async () => await fetch(`${base}/cut`).catch(({ name, message, cause }) => [name, message, cause?.code]),
)
await attempt('refused', async () => await fetch('http://127.0.0.1:1').catch(({ message }) => message))
await attempt('no URL', async () => await fetch('nothing'))
await attempt('wrong method', () => request(base, { method: 'A B' }))
server.close()
