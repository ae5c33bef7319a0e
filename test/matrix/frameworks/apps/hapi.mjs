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
  const plugin = {
    name: 'items',
    register: (inner) => inner.route({ method: 'GET', path: '/items/{item}', handler: (request) => request.params }),
  }
  await server.register(plugin, { routes: { prefix: '/api/{tenant}' } })
  await server.start()
  return server.listener
}
