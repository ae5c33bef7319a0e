// runs: with the whole matrix
// fetch with what belongs to the caller: requests, headers, bodies and dispatchers that are used again, frozen or subclassed.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { say, attempt } from '../say.cjs'

const server = createServer(async (asked, response) => {
  let text = ''
  for await (const chunk of asked) text += chunk
  if (asked.url === '/moved') return response.writeHead(302, { location: '/there' }).end()
  const { host, traceparent, tracestate, baggage, ...headers } = asked.headers
  response.end(JSON.stringify([asked.method, asked.url, text, headers]))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
const textOf = async (response) => (await response).text()
const headers = new Headers({ 'x-own': '1' })
const init = Object.freeze({ method: 'POST', body: 'text', headers })
for (const time of ['first', 'second']) await attempt(time, () => textOf(fetch(url, init)))
say('headers', [...headers])
const kept = new Request(`${url}/kept`, { headers: { 'x-kept': '1' } })
await attempt('a request', () => textOf(fetch(kept)))
await attempt('a clone', () => textOf(fetch(kept.clone(), Object.freeze({ headers: Object.freeze([['a', 'b']]) }))))
say('its headers', [...kept.headers], kept.bodyUsed)
class Signed extends Request {
  get headers() {
    return new Headers({ 'x-signed': 'yes' })
  }
}
await attempt('a subclass', () => textOf(fetch(new Signed(`${url}/signed`))))
const used = new Request(url, { method: 'POST', body: 'once' })
await attempt('a body', () => textOf(fetch(used)))
await attempt('a used body', () => textOf(fetch(used)))
async function* parts() {
  yield new TextEncoder().encode('one ')
  yield new TextEncoder().encode('two')
}
await attempt('parts', () => textOf(fetch(url, { method: 'PUT', body: parts(), duplex: 'half' })))
await attempt('without duplex', () => textOf(fetch(url, { method: 'PUT', body: parts() })))
const response = await fetch(`${url}/moved`)
say('moved', response.redirected, new URL(response.url).pathname, response.clone().bodyUsed)
const [left, right] = response.body.tee()
say('tee', (await new Response(left).text()) === (await new Response(right).text()))
for (const redirect of ['manual', 'error']) {
  await attempt(redirect, () => fetch(`${url}/moved`, { redirect }).then(({ status, type }) => [status, type]))
}
for (const wrong of ['/relative', 'nowhere:', 'http://u:p@127.0.0.1', undefined, null, 5, {}, new URL('data:,text')]) {
  await attempt('another target', () => fetch(wrong).then(({ status }) => status))
}
await attempt('a header', () => fetch(url, { headers: { 'x y': '1' } }))
say('fetch', fetch)
server.close()
server.closeAllConnections()
