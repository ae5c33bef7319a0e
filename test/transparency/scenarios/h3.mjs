// packages: h3
// without-spans: by default only the request has one
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt }) {
  const h3 = await load('h3')
  const listener = h3.H3 === undefined ? await first(h3, { say, attempt }) : await second(h3, { say, attempt })
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const paths = ['/things/1?a=b', '/files/a/b', '/inner/page/2', '/refused/x', '/fails', '/throws-null', '/nowhere']
  const asked = async (path, options) => {
    const answer = await ask(port, path, options)
    return { ...answer, text: answer.text.replaceAll(`:${port}`, '') }
  }
  for (const path of paths) say(path, await asked(path))
  say('POST', await asked('/things', { method: 'POST', body: 'text' }))
  say('wrong method', await asked('/things/1', { method: 'DELETE' }))
  server.close()
}

async function second({ H3, HTTPError, toNodeHandler }, { say, attempt }) {
  say('functions', H3, toNodeHandler, H3.prototype['~findRoute'], H3.prototype.use, H3.prototype.fetch)
  const errors = []
  const app = new H3({ silent: true, onError: (error) => void errors.push(error) })
  say('app', Reflect.ownKeys(app).map(String).toSorted(), app.get, app.on, app.mount)
  const middleware = Object.freeze(function first(event, next) {
    event.res.headers.set('x-first', String(next.length))
    return next()
  })
  await attempt('use', () => app.use(middleware) === app)
  const handler = Object.freeze((event) => ({ ...event.context.params, matched: event.context.matchedRoute?.route }))
  await attempt('get', () => app.get('/things/:id', handler) === app)
  app.post('/things', async (event) => `got ${await event.req.text()}`)
  app.get('/files/**', (event) => event.url.pathname)
  app.get('/refused/:what', () => {
    throw new HTTPError({ status: 401, message: 'who are you?' })
  })
  app.get('/fails', function fails() {
    throw new RangeError('failed')
  })
  app.get('/throws-null', () => {
    throw null
  })
  app.mount('/inner', new H3().get('/page/:id', handler))
  say('direct', await (await app.request('/things/2')).text())
  await app.request('/fails')
  say('errors', errors)
  await attempt('no handler', () => app.get('/none'))
  return toNodeHandler(app)
}

async function first(h3, { say, attempt }) {
  const { createApp, createError, createRouter, defineEventHandler, readBody, toNodeListener, useBase } = h3
  say('functions', createApp, createRouter, toNodeListener, useBase)
  const errors = []
  const app = createApp({ onError: (error) => void errors.push(error.message) })
  const router = createRouter()
  say('router', Object.keys(router).toSorted(), router.get, router.handler)
  app.use(
    defineEventHandler(function first(event) {
      event.node.res.setHeader('x-first', '1')
    }),
  )
  const handler = defineEventHandler((event) => ({
    ...event.context.params,
    matched: event.context.matchedRoute?.path,
  }))
  await attempt('get', () => router.get('/things/:id', handler) === router)
  router.post(
    '/things',
    defineEventHandler(async (event) => `got ${await readBody(event)}`),
  )
  router.get(
    '/files/**',
    defineEventHandler((event) => event.path),
  )
  router.get(
    '/refused/:what',
    defineEventHandler(() => {
      throw createError({ statusCode: 401, message: 'who are you?' })
    }),
  )
  router.get(
    '/fails',
    defineEventHandler(() => {
      throw createError({ statusCode: 500, message: 'failed' })
    }),
  )
  router.get(
    '/throws-null',
    defineEventHandler(() => {
      throw null
    }),
  )
  const inner = createRouter().get('/page/:id', handler)
  router.use('/inner/**', useBase('/inner', inner.handler))
  await attempt('use', () => app.use(router) === app)
  say(
    'layers',
    app.stack.map(({ route, handler: used }) => [route, used === router.handler]),
  )
  await attempt('no handler', () => router.get('/none'))
  say('errors', errors)
  return toNodeListener(app)
}
