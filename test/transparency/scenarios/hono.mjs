// packages: hono, @hono/node-server
// differs: stack at /fails -- handlers are called by a function of ours, which names the route
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt, stackOf }) {
  const { Hono } = await load('hono')
  const { serve } = await load('@hono/node-server')
  say('functions', Hono, serve)
  const app = new Hono()
  say('app', Object.keys(app).toSorted(), app.get, app.use, app.fetch)
  const middleware = Object.freeze(async function first(context, next) {
    await next()
    context.header('x-first', '1')
  })
  await attempt('use', () => app.use(middleware) === app)
  app.get('/things/:id', function things(context) {
    return context.json({ id: context.req.param('id'), path: context.req.routePath ?? null })
  })
  app.get('/fails', () => {
    throw new RangeError('failed')
  })
  app.get('/throws-null', () => {
    throw null
  })
  app.route(
    '/nested',
    new Hono().get('/inside', (context) => context.text('inside')),
  )
  app.get('/fails-later', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    throw new RangeError('later')
  })
  app.onError((error, context) => {
    say(`stack at ${context.req.path}`, stackOf(error))
    return context.text(error.message, 500)
  })
  say(
    'routes',
    app.routes.map(({ method, path, handler }) => [method, path, handler === middleware, handler.name]),
  )
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => (server.listening ? resolve() : server.once('listening', resolve)))
  const { port } = server.address()
  for (const path of ['/things/1', '/nested/inside', '/fails', '/fails-later', '/nowhere'])
    say(path, await ask(port, path))
  const direct = await app.request('/things/2')
  say('direct', direct.status, await direct.json())
  await attempt('no handler', () => app.get('/none', undefined))
  server.close()
}
