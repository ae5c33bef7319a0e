import { createServer } from 'node:http'

export async function build(load) {
  const { Hono } = await load('hono')
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
  app.route('/api/:tenant', api)
  app.onError((error, c) => c.text(error.message, 500))
  console.log(app.routes.map(({ method, path, handler }) => `${method} ${path} ${handler.length}`).join())
  return createServer(getRequestListener(app.fetch))
}
