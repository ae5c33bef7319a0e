// packages: express
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

const PATHS = [
  '/users/1',
  '/items/a',
  '/items/bad',
  '/items/later',
  '/items/throws/now',
  '/items/later/now',
  '/errors',
  '/throws',
  '/throws-null',
  '/falsy',
  '/one',
  '/two/2',
  '/three3',
  '/mount-a/inner',
  '/mount/7/inner',
  '/mount/7/none',
  '/files/express.mjs',
  '/files/none',
  '/sub/app',
  '/awaits',
  '/many',
  '/mount/7/throws',
  '/sub/throws',
  '/none',
]

export default async function ({ loadDefault, say, attempt, stackOf }) {
  const express = await loadDefault('express')
  say('exports', Object.keys(express).toSorted(), express, express.Router, express.Router.use, express.application.use)
  const app = express()
  say('app', app.length, app.use, app.get, app.listen, Object.keys(express.Router()))
  const named = Object.freeze(function named(request, response, next) {
    response.setHeader('x-named', `${arguments.length} ${next === request.next}`)
    next()
  })
  say(
    'chained',
    app.use(named) === app,
    app.get('/users/:id', (request, response) => response.json(request.params)) === app,
  )
  const router = express.Router({ mergeParams: true })
  router.param('item', (request, response, next, value) =>
    value === 'later'
      ? setTimeout(next, 5)
      : next(value === 'bad' ? Object.assign(new Error('bad item'), { status: 422 }) : undefined),
  )
  router.get('/:item/now', () => {
    throw new RangeError('below param')
  })
  router.get('/:item', [
    (request, response, next) => next(),
    (request, response) => response.send(`${request.baseUrl} ${request.route.path}`),
  ])
  app.use('/items', router)
  app.get('/throws', () => {
    throw new RangeError('at once')
  })
  app.get('/throws-null', () => {
    throw null
  })
  app.get(['/one', '/two/:x', /^\/three\d$/], (request, response) =>
    response.json([request.route.path, request.params]),
  )
  app.use(
    ['/mount-a', '/mount/:id'],
    express
      .Router({ mergeParams: true })
      .get('/inner', (request, response) => response.json(request.params))
      .get('/throws', () => {
        throw new RangeError('below two mounts')
      }),
  )
  app.use('/files', express.static(import.meta.dirname, { index: false }))
  app.use(
    '/sub',
    express()
      .get('/app', (request, response) => response.json([request.baseUrl, request.app.mountpath]))
      .get('/throws', () => {
        throw new RangeError('below an app')
      }),
  )
  app.get('/awaits', async (request, response, next) => {
    try {
      await failLater()
    } catch (error) {
      next(error)
    }
  })
  // Nothing that grows with the number of layers is added to what each of them is called from.
  const passing = Array.from({ length: 60 }, () => (request, response, next) => next())
  app.get('/many', passing, (request, response) => {
    Error.stackTraceLimit = Infinity
    response.json(stackOf(new Error('many layers')).length)
    Error.stackTraceLimit = 100
  })
  app.get('/falsy', (request, response, next) => next('route'))
  app.get('/falsy', (request, response) => response.send('next route'))
  app.get('/errors', () => {
    throw new RangeError('replaced by an error handler')
  })
  app.use('/errors', (request, response) => response.end('never'))
  app.use('/errors', (error, request, response, next) => {
    throw new TypeError('thrown by an error handler', { cause: error })
  })
  app.use((error, request, response, next) => {
    say(`error of ${request.originalUrl}`, error, next.length, stackOf(error))
    say(`methods on the way to ${request.originalUrl}`, error?.stack?.match(/\[as \w+\]/g))
    response.status(error.status ?? 500).send(error.message)
  })
  const stack = (app._router ?? app.router).stack
  say(
    'stack',
    stack.map(({ name, handle, route }) => [
      name,
      handle.name,
      handle.length,
      route?.path,
      route?.stack.map((layer) => layer.handle.name),
    ]),
  )
  say(
    'identity',
    stack.some(({ handle }) => handle === named),
  )
  await attempt('no handler', () => app.use())
  await attempt('wrong handler', () => app.get('/x', 'text'))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  for (const path of PATHS) await attempt(path, () => ask(server.address().port, path))
  server.close()
}

async function failLater() {
  await new Promise((resolve) => setTimeout(resolve, 1))
  throw new RangeError('later')
}
