// Requests that the app gives a traceparent of its own, with an active span and without one: what the peer receives.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'

const CALLERS = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const OWN = { TraceParent: CALLERS, tracestate: 'a=b', other: 'x' }
const PAIRS = Object.entries(OWN)

const shown = (raw) => raw.filter((_, i) => /^(?:traceparent|tracestate|other)$/i.test(raw[i - (i % 2)]))
const server = http.createServer((request, response) => response.end(JSON.stringify(shown(request.rawHeaders))))
const streams = http2.createServer()
streams.on('stream', (stream, headers, flags, raw) => {
  stream.respond()
  stream.end(JSON.stringify(shown(raw)))
})
await once(server.listen(0, '127.0.0.1'), 'listening')
await once(streams.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address()
const session = http2.connect(`http://127.0.0.1:${streams.address().port}`)

async function textOf(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return JSON.parse(text)
}

async function byHttp(headers) {
  const [response] = await once(http.get({ port, host: '127.0.0.1', agent: false, headers }), 'response')
  return await textOf(response)
}

const CLIENTS = {
  http: () => byHttp(OWN),
  'http, flat list': () => byHttp(['Host', 'h', ...PAIRS.flat()]),
  http2: () => textOf(session.request({ ':path': '/', ...OWN })),
  fetch: async () => await (await fetch(`http://127.0.0.1:${port}/`, { headers: OWN })).json(),
  'fetch, pairs': async () => await (await fetch(`http://127.0.0.1:${port}/`, { headers: PAIRS })).json(),
  plain: () => byHttp({ other: 'x' }),
}

const results = {}
for (const [name, send] of Object.entries(CLIENTS)) {
  const span = trace.getTracer('app').startSpan('work')
  results[`${name}, in a span`] = await context.with(trace.setSpan(ROOT_CONTEXT, span), send)
  span.end()
  results[name] = await send()
}
console.log(JSON.stringify(results))
session.close()
streams.close()
server.close()
