// packages: koa
// without-spans: by default only the request has one
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt, stackOf }) {
  const Koa = await loadDefault('koa')
  say('functions', Koa, Koa.prototype.use, Koa.prototype.callback, Koa.prototype.listen)
  const app = new Koa()
  app.silent = true
  const first = Object.freeze(async function first(context, next) {
    await next()
    context.set('x-first', String(first === app.middleware[0]))
  })
  say('chained', app.use(first) === app)
  app.use(async (context, next) => {
    if (context.path === '/fails') throw Object.assign(new RangeError('fails'), { status: 422, expose: true })
    if (context.path === '/later') await failLater()
    if (context.path === '/next') return next()
    context.body = { path: context.path }
  })
  say(
    'middleware',
    app.middleware.map(({ name, length }) => [name, length]),
  )
  for (const wrong of ['text', {}, null, undefined, createServer()])
    await attempt('wrong middleware', () => app.use(wrong))
  app.on('error', (error) => say('error', error, stackOf(error)))
  say('listeners', app.listenerCount('error'))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  for (const path of ['/a', '/fails', '/later', '/next']) await attempt(path, () => ask(server.address().port, path))
  server.close()
}

async function failLater() {
  await new Promise((resolve) => setTimeout(resolve, 1))
  throw new RangeError('later')
}
