/** The same routes on servers of node:http2, a port each: handled as streams, as requests, by Fastify, and over TLS with `allowHTTP1`. */
import { readFileSync } from 'node:fs'
import { createServer, createSecureServer } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import fastify from 'fastify'

const tracer = trace.getTracer('shop')
const work = (name) => tracer.startSpan(name).end()

const STREAMS = {
  'GET /text': (stream) => {
    stream.respond({ ':status': 200 })
    stream.end('x'.repeat(1000))
  },
  'HEAD /text': (stream) => stream.respond({ ':status': 200 }, { endStream: true }),
  'POST /text': (stream) => STREAMS['GET /text'](stream),
  'GET /empty': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
  'GET /file': (stream) => stream.respondWithFile(import.meta.filename),
  'POST /echo': (stream) => {
    stream.respond({ ':status': 201 })
    stream.on('data', () => work('in an event'))
    stream.pipe(stream)
  },
  'GET /work': async (stream) => {
    work('at once')
    await sleep(5)
    work('later')
    stream.respond({ ':status': 200 })
    stream.end()
  },
  'GET /hang': () => {},
  'GET /half': (stream) => {
    stream.respond({ ':status': 200 })
    stream.write('half')
  },
  'GET /fails': (stream) => stream.on('error', () => {}).destroy(new TypeError('of the app')),
}

const REQUESTS = {
  'GET /text': (_, response) => response.end('x'.repeat(1000)),
  'HEAD /text': (_, response) => response.end('x'.repeat(1000)),
  'POST /text': (request, response) => REQUESTS['GET /text'](request, response),
  'GET /empty': (_, response) => response.writeHead(204).end(),
  'GET /file': (_, response) => response.end(readFileSync(import.meta.filename)),
  'POST /echo': (request, response) => {
    response.writeHead(201)
    request.on('data', () => work('in an event'))
    request.pipe(response)
  },
  'GET /work': async (_, response) => {
    work('at once')
    await sleep(5)
    work('later')
    response.end()
  },
  'GET /hang': () => {},
  'GET /half': (_, response) => response.write('half'),
  'GET /fails': (_, response) =>
    (response.stream ?? response).on('error', () => {}).destroy(new TypeError('of the app')),
}

const onRequest = (request, response) => REQUESTS[`${request.method} ${request.url}`](request, response)

const onFastify = fastify({ http2: true, exposeHeadRoutes: false })
onFastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
for (const [route, handler] of Object.entries(REQUESTS)) {
  const [method, url] = route.split(' ')
  onFastify.route({
    method,
    url,
    handler: (request, reply) => {
      reply.hijack()
      handler(request.raw, reply.raw)
    },
  })
}

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)))
const ofStreams = createServer().on('stream', (stream, headers) =>
  STREAMS[`${headers[':method']} ${headers[':path']}`](stream),
)
const files = { key: readFileSync(process.env.TLS_KEY), cert: readFileSync(process.env.TLS_CERTIFICATE) }
const secure = createSecureServer({ ...files, allowHTTP1: true }, onRequest)
await onFastify.listen({ port: 0, host: '127.0.0.1' })
const ports = {
  streams: await listening(ofStreams),
  requests: await listening(createServer(onRequest)),
  fastify: onFastify.server.address().port,
  secure: await listening(secure),
}
console.log(`ports ${JSON.stringify(ports)}`)
console.log(`listening ${ports.requests}`)
