/** The same routes on node:http, node:https (where there is a certificate), Express and Fastify, a port each. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Readable } from 'node:stream'
import express from 'express'
import fastify from 'fastify'

const TEXT = 'grüße ' // 8 bytes, 6 characters

const ROUTES = {
  'GET /length': (_, response) => response.end('x'.repeat(1000)),
  'GET /stream': (_, response) => Readable.from([TEXT, Buffer.alloc(5000), TEXT]).pipe(response),
  'GET /empty': (_, response) => response.writeHead(204).end(),
  'POST /echo': (request, response) => request.pipe(response),
  'POST /refuse': (_, response) => response.writeHead(413).end('too large'),
  'GET /hang': () => {},
  'GET /half': (_, response) => response.write(TEXT),
  'GET /breaks-off': (_, response) => response.destroy(new TypeError('of the app')),
  'GET /breaks-off-halfway': (_, response) => {
    response.write(TEXT, () => response.destroy(new TypeError('of the app')))
  },
  'GET /error-event': (_, response) => {
    response.on('error', () => response.destroy())
    response.emit('error', new RangeError('of the app'))
  },
  'GET /write-after-end': (_, response) => {
    response.on('error', () => {})
    response.end('whole')
    response.write('and more')
  },
  'GET /fails-halfway': (_, response) => response.writeHead(500).write(TEXT),
}

function plain(request, response) {
  const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${request.url}`
  return (ROUTES[route] ?? (() => response.writeHead(404).end()))(request, response)
}

const onExpress = express()
const onFastify = fastify()
onFastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
for (const [route, handler] of Object.entries(ROUTES)) {
  const [method, path] = route.split(' ')
  onExpress[method.toLowerCase()](`/express${path}`, handler)
  onFastify.route({
    method,
    url: `/fastify${path}`,
    handler: (request, reply) => {
      reply.hijack()
      handler(request.raw, reply.raw)
    },
  })
}
onFastify.get('/fastify/reply', (_, reply) => reply.send(Buffer.alloc(300)))
onFastify.get('/fastify/reply-stream', (_, reply) => reply.send(Readable.from(['a', 'bc'])))

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)))
const ports = { http: await listening(createServer(plain)), express: await listening(createServer(onExpress)) }
if (process.env.TLS_KEY) {
  const files = { key: readFileSync(process.env.TLS_KEY), cert: readFileSync(process.env.TLS_CERTIFICATE) }
  ports.https = await listening(createSecureServer(files, plain))
}
await onFastify.listen({ port: 0, host: '127.0.0.1' })
ports.fastify = onFastify.server.address().port
console.log(`ports ${JSON.stringify(ports)}`)
console.log(`listening ${ports.http}`)
