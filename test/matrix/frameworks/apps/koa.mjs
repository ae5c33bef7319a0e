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
  app.middleware.map(({ name, length }) => console.log(name, length))
  return createServer(app.callback())
}
