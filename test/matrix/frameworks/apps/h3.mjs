import { createServer } from 'node:http'

/** h3 2, or 1 where it has no class. */
export async function build(load, loadAll) {
  const h3 = await loadAll('h3')
  return createServer(h3.H3 === undefined ? first(h3) : second(h3))
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function second({ H3, HTTPError, onError, toNodeHandler, redirect }) {
  const app = new H3({ silent: true })
  app.use((_event, next) => next())
  app.get('/users/:id', (event) => event.context.params)
  app.post('/users', () => 'made')
  app.get('/files/**', (event) => event.url.pathname)
  app.get('/old', (event) => redirect.length > 1 ? redirect(event, '/users/1') : redirect('/users/1'))
  app.get('/private/:what', () => {
    throw new HTTPError({ status: 401, message: 'who are you?' })
  })
  app.get('/missing/:id', () => {
    throw new HTTPError({ status: 404, message: 'none' })
  })
  app.get('/stream', () => new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('a'))
      await turn()
      controller.enqueue(new TextEncoder().encode('b'))
      controller.close()
    },
  }))
  app.get('/hang', () => new Promise(() => {}))
  app.get('/fail', () => {
    throw new Error('thrown')
  })
  app.get('/fail-later', async () => {
    await turn()
    throw new Error('later')
  })
  app.get('/api/:tenant/items/:item', (event) => event.context.params)
  app.delete('/users/:id', (event) => {
    event.res.status = 204
    return null
  })
  app.all('/any/:thing', (event) => event.req.method)
  app.get('/broken', () => {
    throw new HTTPError({ status: 500, message: 'broken' })
  })
  app.use('/guarded/**', (event, next) => {
    if (event.req.headers.get('x-allowed') === null) throw new HTTPError({ status: 403, message: 'no' })
    return next()
  })
  app.get('/guarded/:id', () => 'inside')
  // Requests within the process are none of the server's.
  app.get('/calls/:id', async () => await (await app.request('/users/8')).text())
  const inner = new H3()
  inner.get('/page/:id', (event) => event.context.params)
  const innermost = new H3()
  innermost.get('/leaf/:leaf', (event) => event.context.params)
  inner.mount('/deep', innermost)
  app.mount('/inner', inner)
  for (const mount of ['/first', '/second', '/third', '/third/deep']) app.get(`${mount}/leaf/:leaf`, (event) => event.context.params)
  app.get('/tenants/:tenant/leaf/:leaf', (event) => event.context.params)
  app.get('/uncaught', () => {
    throw new TypeError('uncaught')
  })
  app.get('/uncaught-later', async () => {
    await turn()
    throw new TypeError('uncaught later')
  })
  app.get('/returned', () => new HTTPError({ status: 502, message: 'returned' }))
  app.use('/stopped/**', () => {
    throw new HTTPError({ status: 503, message: 'stopped' })
  })
  app.get('/stopped/:id', () => 'never')
  app.get('/number', () => {
    throw 404
  })
  inner.get('/fail', () => {
    throw new HTTPError({ status: 500, message: 'nested' })
  })
  app.mount('/failing', inner)
  app.get('/calls-failing', async () => String((await app.request('/fail')).status))
  app.use('/answered/**', onError((error) => new Response(`answered ${error.message}`, { status: error.status })))
  app.use('/seen/**', onError(() => {}))
  for (const path of ['/answered', '/seen']) {
    app.get(`${path}/thrown`, () => {
      throw new TypeError('uncaught')
    })
    app.get(`${path}/later`, async () => {
      await turn()
      throw new HTTPError({ status: 503, message: 'later' })
    })
    app.get(`${path}/refused`, () => {
      throw new HTTPError({ status: 403, message: 'no' })
    })
  }
  return toNodeHandler(app)
}

function first({ createApp, createError, createRouter, defineEventHandler, sendRedirect, toNodeListener, toWebHandler, useBase }) {
  const app = createApp({ onError() {} })
  const on = defineEventHandler
  app.use(on(function logger() {}))
  const router = createRouter()
  router.get('/users/:id', on((event) => event.context.params))
  router.post('/users', on(() => 'made'))
  router.get('/files/**', on((event) => event.path.split('?')[0]))
  router.get('/old', on((event) => sendRedirect(event, '/users/1')))
  router.get('/private/:what', on(() => {
    throw createError({ statusCode: 401, message: 'who are you?' })
  }))
  router.get('/missing/:id', on(() => {
    throw createError({ statusCode: 404, message: 'none' })
  }))
  router.get('/stream', on(async (event) => {
    event.node.res.write('a')
    await turn()
    event.node.res.end('b')
  }))
  router.get('/hang', on(() => new Promise(() => {})))
  router.get('/fail', on(() => {
    throw createError({ statusCode: 500, message: 'thrown' })
  }))
  router.get('/fail-later', on(async () => {
    await turn()
    throw createError({ statusCode: 500, message: 'later' })
  }))
  router.get('/api/:tenant/items/:item', on((event) => event.context.params))
  router.delete('/users/:id', on(() => null))
  router.use('/any/:thing', on((event) => event.method))
  router.get('/broken', on(() => {
    throw createError({ statusCode: 500, message: 'broken' })
  }))
  app.use('/guarded', on((event) => {
    if (event.headers.get('x-allowed') === null) throw createError({ statusCode: 403, message: 'no' })
  }))
  router.get('/guarded/:id', on(() => 'inside'))
  // Requests within the process are none of the server's.
  router.get('/calls/:id', on(async () => await (await toWebHandler(app)(new Request('http://host/users/8'))).text()))
  const innermost = createRouter()
  innermost.get('/leaf/:leaf', on((event) => event.context.params))
  const inner = createRouter()
  inner.get('/page/:id', on((event) => event.context.params))
  inner.use('/deep/**', useBase('/deep', innermost.handler))
  router.use('/inner/**', useBase('/inner', inner.handler))
  app.use('/plain/deep', on((event) => event.path))
  app.use('/plain', on((event) => event.path))
  app.use('/passes', on(() => {}))
  app.use('/first', innermost)
  app.use('/second', innermost.handler)
  app.use('/third/deep', innermost)
  app.use('/third', useBase('/third', innermost.handler))
  router.use('/tenants/:tenant/**', on((event) => useBase(`/tenants/${event.context.params.tenant}`, innermost.handler)(event)))
  router.get('/uncaught-later', on(async () => {
    await turn()
    throw new TypeError('uncaught later')
  }))
  router.get('/returned', on(() => createError({ statusCode: 502, message: 'returned' })))
  router.get('/number', on(() => {
    throw createError({ statusCode: 404 })
  }))
  app.use('/stopped', on(() => {
    throw createError({ statusCode: 503, message: 'stopped' })
  }))
  inner.get('/fail', on(() => {
    throw createError({ statusCode: 500, message: 'nested' })
  }))
  app.use('/failing', inner)
  router.get('/calls-failing', on(async () => String((await toWebHandler(app)(new Request('http://host/fail'))).status)))
  app.use(router)
  return toNodeListener(app)
}
