import { createServer } from 'node:http'
import { join } from 'node:path'

const PUBLIC = join(import.meta.dirname, '../public')

export async function build(load) {
  const express = await load('express')
  const app = express()
  const own = {
    wildcard: express.Router.prototype?.handle === undefined ? '/files/*' : '/files/*rest',
  }
  app.use(function logger(request, response, next) {
    if (next !== request.next) response.setHeader('x-next', 'is not request.next')
    next()
  })
  app.use('/assets', express.static(PUBLIC))
  routes(app, own)

  const items = express.Router({ mergeParams: true })
  items.param('checked', (_request, _response, next, value) => {
    next(value === 'bad' ? Object.assign(new Error('not that one'), { status: 400 }) : undefined)
  })
  items.param('found', (_request, response, next, value) => {
    if (value === 'none') response.status(404).send('none')
    else if (value === 'broken') throw new Error('broken')
    else next(value === 'passed' ? 'route' : undefined)
  })
  items.get('/', (request, response) => response.json(request.params))
  items.get('/items/:item', (request, response) => response.json([request.baseUrl, request.params]))
  items.get('/checked/:checked', (_request, response) => response.send('checked'))
  items.get('/found/:found', (_request, response) => response.send('found'))
  const deep = express.Router()
  deep.get('/:leaf', (request, response) => response.send(request.baseUrl))
  items.use('/deep', deep)
  items.use('/:part', function passes(_request, _response, next) {
    next()
  })
  items.get('/after/middleware', (_request, response) => response.send('after'))
  app.use('/api/:tenant', items)
  app.use(['/first', '/second/:one'], deep)
  app.use('/', express.Router().use('/plain', express.Router().get('/end', (_request, response) => response.send('end'))))
  app.use('/plain/end', express.Router().get('/other', (_request, response) => response.send('other')))
  const inner = express()
  inner.get('/page/:id', (_request, response) => response.send('page'))
  app.use('/inner', inner)
  app.param('account', (_request, response, next, value) => {
    if (value === 'locked') response.status(423).end()
    else next(value === 'broken' ? new Error('broken') : undefined)
  })
  app.get('/accounts/:account', (_request, response) => response.send('account'))
  app.get('/passed-on', (_request, _response, next) => next())
  app.all('/rendered/later', (_request, response, next) => {
    response.locals = { text: 'rendered' }
    next()
  })
  app.use(function renders(_request, response, next) {
    if (response.locals.text === undefined) next()
    else response.send(response.locals.text)
  })
  app.use((error, _request, response, next) => {
    if (response.headersSent) next(error)
    else response.status(error.status ?? 500).json({ error: error.message })
  })
  return createServer(app)
}

function routes(app, own) {
  app.get('/users/:id', function showUser(request, response) {
    response.json({ id: request.params.id, query: request.query })
  })
  app.get(['/one', '/two/:x'], (_request, response) => response.send('one of two'))
  app.get(/^\/expression(s+)$/, (_request, response) => response.send('expression'))
  app.get(own.wildcard, (_request, response) => response.send('wildcard'))
  app.get('/old', (_request, response) => response.redirect('/users/1'))
  app.get('/private/:what', (_request, response) => response.status(401).send('who are you?'))
  app.get('/missing/:id', (_request, response) => response.status(404).json({ none: true }))
  app.get('/stream', (_request, response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  })
  app.get('/hang', () => {})
  app.get('/fail', function failing() {
    throw new Error('thrown')
  })
  app.get('/fail-later', (_request, _response, next) => setImmediate(next, new Error('later')))
  app.get('/refused', (_request, _response, next) => next(Object.assign(new Error('refused'), { status: 403 })))
}
