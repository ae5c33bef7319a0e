import { createServer } from 'node:http'

async function allowed(c, next) {
  const status = Number(c.req.header('x-status') ?? 0)
  return status === 0 ? await next() : c.text('no', status)
}

export async function build(load) {
  const { Hono } = await load('hono')
  const { HTTPException } = await load('hono/http-exception')
  const { streamSSE } = await load('hono/streaming')
  const { getRequestListener } = await load('@hono/node-server')
  const app = new Hono()
  app.use(async function logger(_c, next) {
    await next()
  })
  app.get('/users/:id', (c) => c.json({ id: c.req.param('id'), query: c.req.query() }))
  app.get('/files/*', (c) => c.text('wildcard'))
  app.get('/old', (c) => c.redirect('/users/1'))
  app.get('/private/:what', (c) => c.text('who are you?', 401))
  app.get('/missing/:id', (c) => c.text('none', 404))
  app.get('/stream', (c) => c.body(new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('a'))
      controller.close()
    },
  })))
  app.get('/hang', () => new Promise(() => {}))
  app.get('/fail', () => {
    throw new Error('thrown')
  })
  app.get('/fail-later', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('later')
  })
  const api = new Hono()
  api.use('/items/*', async (_c, next) => await next())
  api.get('/items/:item', (c) => c.json(c.req.param()))
  const deep = new Hono().basePath('/deep')
  deep.get('/leaf/:leaf', (c) => c.json(c.req.param()))
  api.route('/', deep)
  app.route('/api/:tenant', api)
  app.post('/users', async (c) => c.json(await c.req.json(), 201))
  app.delete('/users/:id', (c) => c.body(null, 204))
  app.all('/any/:thing', (c) => c.text(c.req.method))
  app.on(['PUT', 'PATCH'], ['/several', '/others/:id'], (c) => c.text(c.req.path))
  app.get('/optional/:part?', (c) => c.text(c.req.param('part') ?? 'none'))
  app.get('/number/:id{[0-9]+}', (c) => c.text(c.req.param('id')))
  app.use('/guarded/*', async (c, next) => (c.req.header('x-allowed') ? await next() : c.text('no', 403)))
  app.get('/guarded/:id', (c) => c.text('inside'))
  // Middlewares of one route that answer themselves.
  app.get('/allowed/:id', allowed, (c) => c.text('inside'))
  app.post('/allowed/:id', (c, next) => (c.req.header('x-status') ? c.text('no', 404) : next()), (c) => c.text('posted'))
  app.get('/only/:file', allowed)
  app.use('/exactly', allowed)
  app.mount('/function/:tenant', (request) => new Response(new URL(request.url).pathname))
  app.mount('/empty', () => new Response('none', { status: 404 }))
  app.get('/refused', () => {
    throw new HTTPException(403, { message: 'no' })
  })
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: 'a' })
      await stream.writeSSE({ data: 'b' })
    }),
  )
  // Requests within the process are none of the server's.
  app.get('/calls/:id', async (c) => c.text(await (await app.request('/users/8', {}, c.env)).text()))
  app.get('/calls-failing', async (c) => c.text(String((await app.request('/fail', {}, c.env)).status)))
  const innermost = new Hono().get('/leaf/:leaf', (c) => c.json(c.req.param()))
  const mounted = new Hono().get('/page/:id', (c) => c.json(c.req.param())).mount('/inner', innermost.fetch)
  app.mount('/mounted', mounted.fetch)
  // Sub-apps with an error handler of their own.
  const handling = new Hono().onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text(`handled: ${error.message}`, 500),
  )
  handling.use('/:id/*', async (_c, next) => await next())
  handling.get('/:id', (c) => c.json(c.req.param()))
  handling.get('/:id/fail', () => {
    throw new Error('handled')
  })
  handling.get('/:id/fail-later', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('handled later')
  })
  handling.get('/:id/refused', () => {
    throw new HTTPException(403, { message: 'no' })
  })
  app.route('/handling', handling)
  app.route('/around/:tenant', new Hono().onError((error, c) => c.text(error.message, 500)).route('/handling', handling))
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500)))
  console.log(app.routes.map(({ method, path, handler }) => `${method} ${path} ${handler.length}`).join())
  return createServer(getRequestListener(app.fetch))
}
