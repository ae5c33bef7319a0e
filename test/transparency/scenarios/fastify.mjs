// packages: fastify
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt, stackOf }) {
  const fastify = await loadDefault('fastify')
  say('exports', Object.keys(fastify).toSorted(), fastify)
  const app = fastify({ logger: false })
  const handler = async function handler(request) {
    return { id: request.params.id, same: request.routeOptions.handler === handler }
  }
  const options = Object.freeze({ preHandler: Object.freeze([async function pre() {}]) })
  say(
    'chained',
    app.get('/users/:id', options, handler) === app,
    app.addHook('onRequest', async function hook() {}) === app,
  )
  app.route(Object.freeze({ method: 'GET', url: '/route', handler: (request, reply) => reply.send('route') }))
  await app.register(
    async (inner) => {
      inner.get('/inner', async () => {
        throw Object.assign(new TypeError('fails'), { statusCode: 418 })
      })
    },
    Object.freeze({ prefix: '/v1' }),
  )
  app.setErrorHandler(function onError(error, request, reply) {
    say(`error of ${request.url}`, error, stackOf(error))
    if (request.url === '/errors') throw new TypeError('thrown by an error handler', { cause: error })
    return reply.status(error?.statusCode ?? 500).send({ message: error?.message })
  })
  await app.register(async (inner) => {
    inner.setErrorHandler(function innerError(error, request) {
      say(`inner error of ${request.url}`, error, stackOf(new Error('here')))
      throw new TypeError('thrown by an inner error handler', { cause: error })
    })
    inner.get('/inner-errors', () => {
      throw new RangeError('at once')
    })
    inner.get('/inner-hook', { preHandler: (request, reply, done) => done(new RangeError('in a hook')) }, () => 'never')
  })
  app.get('/errors', async () => {
    throw new RangeError('replaced by an error handler')
  })
  await attempt('no hook', () => fastify().addHook('onRequest', undefined))
  await attempt('an async hook with done', () => fastify().addHook('onRequest', async (request, reply, done) => done()))
  const notFound = app.setNotFoundHandler((request, reply) => reply.code(404).send('nowhere'))
  say('not found', notFound === app, typeof notFound.get)
  app.get('/unsent', async (request, reply) => {
    const circular = {}
    circular.self = circular
    await attempt('what cannot be sent', () => void reply.send(circular))
    return 'sent after all'
  })
  app.get('/throws-null', async () => {
    throw null
  })
  app.get('/throws', () => {
    throw new RangeError('at once')
  })
  app.get('/later', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    throw new RangeError('later')
  })
  app.get('/hook', { onRequest: (request, reply, done) => done(new RangeError('in a hook')) }, () => 'never')
  const told = []
  app.addHook('onRoute', ({ url, method, ...others }) => told.push([url, method, Object.keys(others).toSorted()]))
  app.get('/told', { onRequest: (request, reply, done) => done() }, async () => 'told')
  say('told', told)
  await app.ready()
  say('plugin', app.pluginName)
  say(
    'routes',
    app.printRoutes(),
    app.printRoutes({ includeHooks: true, commonPrefix: false }),
    app.hasPlugin('@fastify/otel'),
    app.printPlugins().replace(/\d+(\.\d+)? ms/g, ''),
  )
  say('decorators', app.hasDecorator('opentelemetry'), app.hasRequestDecorator('opentelemetry'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  for (const path of [
    '/users/1',
    '/route',
    '/v1/inner',
    '/unsent',
    '/throws-null',
    '/told',
    '/throws',
    '/later',
    '/hook',
    '/errors',
    '/inner-errors',
    '/inner-hook',
    '/none',
  ])
    await attempt(path, () => ask(app.server.address().port, path))
  await attempt('inject', async () => (await app.inject('/users/2')).json())
  await app.close()
}
