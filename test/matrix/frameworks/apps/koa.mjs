import { createServer } from 'node:http'

export async function build(load) {
  const Koa = await load('koa')
  const exported = await load('@koa/router')
  const Router = exported.Router ?? exported
  const mount = await load('koa-mount')
  const compose = await load('koa-compose')
  const app = new Koa()
  app.silent = true
  app.use(async function logger(_ctx, next) {
    await next()
  })
  const router = new Router()
  router.get('/users/:id', (ctx) => (ctx.body = ctx.params))
  router.get('/old', (ctx) => ctx.redirect('/users/1'))
  router.get('/private/:what', (ctx) => {
    ctx.status = 401
    ctx.body = 'who are you?'
  })
  router.get('/missing/:id', (ctx) => ctx.throw(404, 'none'))
  router.get('/stream', (ctx) => {
    ctx.respond = false
    ctx.res.statusCode = 200
    ctx.res.write('a')
    setImmediate(() => ctx.res.end('b'))
  })
  router.get('/hang', () => new Promise(() => {}))
  router.get('/fail', () => {
    throw new Error('thrown')
  })
  router.get('/fail-later', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('later')
  })
  router.get('/fail-text', () => {
    throw 'only a text'
  })
  router.get('/caught', async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      ctx.status = 500
      ctx.body = error.message
    }
  }, () => {
    throw new Error('caught')
  })
  router.post('/users', (ctx) => {
    ctx.status = 201
    ctx.body = 'made'
  })
  router.all('/any/:thing', (ctx) => (ctx.body = ctx.method))
  router.get(/^\/expression(s+)$/, (ctx) => (ctx.body = 'expression'))
  router.get('/composed/:id', compose([async (_ctx, next) => await next(), (ctx) => (ctx.body = 'composed')]))
  router.get('/passed-on', (_ctx, next) => next())
  router.get('/several/:which', (_ctx, next) => next())
  router.get('/several/me', (ctx) => (ctx.body = 'me'))
  const later = new Router()
  later.use(async (_ctx, next) => {
    await new Promise((resolve) => setImmediate(resolve))
    await next()
  })
  later.get('/:id', (ctx) => (ctx.body = 'later'))
  router.use('/later', later.routes())
  const guarded = new Router()
  guarded.use((ctx, next) => (ctx.get('x-allowed') === '' ? ctx.throw(403, 'no') : next()))
  guarded.get('/inside/:id', (ctx) => (ctx.body = 'inside'))
  router.use('/guarded/:area', guarded.routes())
  const items = new Router({ prefix: '/items' })
  items.get('/:item', (ctx) => (ctx.body = ctx.params))
  const api = new Router({ prefix: '/api/:tenant' })
  api.use(items.routes())
  app.use(compose([router.routes(), router.allowedMethods()]))
  app.use(api.routes())
  const inner = new Koa()
  inner.use(new Router().get('/page/:id', (ctx) => (ctx.body = ctx.path)).routes())
  const outer = new Koa()
  outer.use(mount('/inner', inner))
  app.use(mount('/mounted', outer))
  const third = new Router().get('/page/:id', (ctx) => (ctx.body = 'third'))
  app.use(mount('/routes', compose([async (_ctx, next) => await next(), third.routes()])))
  app.use(mount('/plain', (ctx) => (ctx.body = 'plain')))
  app.use(async (ctx, next) => {
    if (ctx.path === '/broken-middleware') throw new Error('in a middleware')
    await next()
  })
  app.middleware.map(({ name, length }) => console.log(name, length))
  return createServer(app.callback())
}
