export async function build(load) {
  const Hapi = await load('@hapi/hapi')
  const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false })
  server.route([
    { method: 'GET', path: '/users/{id}', handler: (request) => request.params },
    { method: 'POST', path: '/users', handler: (request) => request.payload },
    { method: 'GET', path: '/files/{rest*}', handler: () => 'wildcard' },
    { method: 'GET', path: '/old', handler: (_request, h) => h.redirect('/users/1') },
    { method: 'GET', path: '/private/{what}', handler: (_request, h) => h.response('who are you?').code(401) },
    { method: 'GET', path: '/missing/{id}', handler: (_request, h) => h.response('none').code(404) },
    {
      method: 'GET',
      path: '/stream',
      handler: ({ raw: { res } }, h) => {
        res.write('a')
        setImmediate(() => res.end('b'))
        return h.abandon
      },
    },
    { method: 'GET', path: '/hang', handler: () => new Promise(() => {}) },
    {
      method: 'GET',
      path: '/fail',
      handler: () => {
        throw new Error('thrown')
      },
    },
    {
      method: 'GET',
      path: '/fail-later',
      handler: async () => {
        throw new Error('later')
      },
    },
  ])
  server.route([
    { method: '*', path: '/any/{thing}', handler: ({ method }) => method },
    { method: 'GET', path: '/optional/{part?}', handler: () => 'optional' },
    { method: 'GET', path: '/multi/{part*2}', handler: () => 'multi' },
    { method: 'GET', path: '/mixed/{name}.{type}', handler: (request) => request.params },
    { method: 'DELETE', path: '/users/{id}', handler: (_request, h) => h.response().code(204) },
    {
      method: 'POST',
      path: '/small',
      options: { payload: { maxBytes: 4 } },
      handler: () => 'small',
    },
    {
      method: 'GET',
      path: '/checked/{id}',
      options: {
        validate: {
          params: ({ id }) => {
            if (id !== 'good') throw new Error('bad')
            return { id }
          },
        },
      },
      handler: () => 'checked',
    },
    {
      method: 'GET',
      path: '/early/{id}',
      options: { pre: [{ method: (_request, h) => h.response('early').code(403).takeover() }] },
      handler: () => 'never',
    },
    { method: 'GET', path: '/vhost', vhost: 'other.example', handler: () => 'vhost' },
    {
      method: 'GET',
      path: '/replaced',
      handler: () => {
        throw new Error('replaced')
      },
    },
  ])
  server.ext('onRequest', (request, h) => {
    if (request.path === '/before-routing') return h.response('early').takeover()
    return h.continue
  })
  server.ext('onPreResponse', (request, h) => {
    return request.path === '/replaced' ? h.response('instead').code(500) : h.continue
  })
  const plugin = {
    name: 'items',
    register: async (inner) => {
      inner.route({ method: 'GET', path: '/items/{item}', handler: (request) => request.params })
      inner.route({ method: 'POST', path: '/items', handler: (request) => request.payload })
      const deeper = {
        name: 'deeper',
        register: (deep) => deep.route({ method: 'GET', path: '/leaf/{leaf}', handler: () => 'leaf' }),
      }
      await inner.register(deeper, { routes: { prefix: '/deep' } })
    },
  }
  await server.register(plugin, { routes: { prefix: '/api/{tenant}' } })
  await server.start()
  return server.listener
}
