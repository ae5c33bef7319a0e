// Apps of Connect inside of apps of Express, and the reverse. Asks itself for each path of its arguments and ends.
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

const server = http.createServer(app).listen(0, '127.0.0.1', async () => {
  const { port } = server.address()
  for (const path of paths) {
    const { promise, resolve } = Promise.withResolvers()
    http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => response.resume().on('end', resolve))
    await promise
  }
  server.close()
})
