// Apps of Connect inside of apps of Express, and the reverse, and apps of other frameworks inside of both. Asks itself for each path of its arguments and ends.
const { createRequire } = require('node:module')
const http = require('node:http')

const [folder, ...paths] = process.argv.slice(2)
const load = createRequire(`${folder}/`)
const connect = load('connect')
const express = load('express')

const inner = express()
inner.get('/things/:id', (request, response) => response.end(request.params.id))
inner.use(
  '/router',
  express.Router().get('/:name', (request, response) => response.end(request.params.name)),
)
const passing = connect()
passing.use('/passed', (_request, _response, next) => next())
const nested = connect()
nested.use('/deep', (_request, response) => response.end('deep'))

const app = connect()
app.use('/api', inner)
app.use(
  '/express',
  express()
    .use(passing)
    .use('/passed', (request, response) => response.end('express'))
    .use('/tenants/:tenant', nested)
    .get('/late/:id', (request, response) => response.end(request.params.id)),
)

const { Hono } = load('hono')
const Koa = load('koa')
const Router = load('@koa/router')
const polka = load('polka')
const answer = (_request, response) => response.end('answered')
const hono = new Hono().get('/of/:id', (c) => c.text('answered'))
const routes = new Router().get('/of/:id', (ctx) => void (ctx.body = 'answered')).routes()
const fastify = load('fastify')().get('/of/:id', async () => 'answered')
const finding = load('find-my-way')()
finding.on('GET', '/of/:id', answer)
const h3 = load('h3')
const listeners = {
  hono: load('@hono/node-server').getRequestListener(hono.fetch),
  koa: new Koa().use(routes).callback(),
  fastify: (request, response) => fastify.routing(request, response),
  polka: polka().get('/of/:id', answer).use('inner', polka().get('/of/:id', answer)).handler,
  'find-my-way': (request, response) => finding.lookup(request, response),
  h3: h3.toNodeHandler(new h3.H3().get('/of/:id', () => 'answered')),
}
// Express 5 makes `request.path` a getter, which Polka sets.
const mounting = load('router')()
for (const [name, listener] of Object.entries(listeners)) {
  const listening = (request, response) => listener(request, response)
  mounting.use(`/tenants/:tenant/${name}`, listening)
  app.use(`/plain/${name}`, listening)
}
app.use(mounting)

const server = http.createServer(app).listen(0, '127.0.0.1', async () => {
  const { port } = server.address()
  await fastify.ready()
  for (const path of paths) {
    const { promise, resolve } = Promise.withResolvers()
    http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => response.resume().on('end', resolve))
    await promise
  }
  server.close()
})
