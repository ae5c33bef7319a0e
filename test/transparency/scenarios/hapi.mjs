// packages: @hapi/hapi
// versions: newest, middle
// without-spans: by default only the request has one
// Hapi 18 does not answer unknown paths on this Node.
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, load, say, attempt }) {
  const hapi = await load('@hapi/hapi')
  say('functions', hapi.server ?? hapi.default.server, hapi.Server ?? hapi.default.Server)
  const Hapi = hapi.server === undefined ? hapi.default : hapi
  const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false })
  say('server', server.route, server.ext, server.register, server.decorate, server.listener.eventNames().map(String))
  const handler = function things(request, h) {
    return h.response({
      id: request.params.id,
      matched: request.route.path,
      same: request.route.settings.handler === handler,
    })
  }
  const route = Object.freeze({ method: 'GET', path: '/things/{id}', handler })
  const routes = Object.freeze([
    route,
    Object.freeze({
      method: 'POST',
      path: '/echo',
      options: Object.freeze({ handler: async ({ payload }) => payload }),
    }),
    Object.freeze({
      method: '*',
      path: '/fails',
      handler: () => {
        throw new RangeError('failed')
      },
    }),
    Object.freeze({ method: 'GET', path: '/rejects', handler: async () => Promise.reject(new Error('rejected')) }),
    Object.freeze({
      method: 'GET',
      path: '/takeover',
      options: { pre: [(request, h) => h.response('taken').takeover()], handler },
    }),
  ])
  await attempt('routes', () => server.route(routes) === undefined)
  say(
    'table',
    server.table().map(({ method, path, settings }) => [method, path, settings.handler]),
  )
  say(
    'handler kept',
    server.table().some(({ settings }) => settings.handler === handler),
  )
  const plugin = Object.freeze({
    name: 'plug',
    version: '1.0.0',
    register: async function register(inner, options) {
      say('plugin', options, inner.realm.plugin)
      inner.route({ method: 'GET', path: '/inside', handler: () => 'inside' })
    },
  })
  await attempt('register', () =>
    server
      .register(Object.freeze({ plugin, options: Object.freeze({ a: 1 }), routes: { prefix: '/plugin' } }))
      .then(() => 'registered'),
  )
  await attempt('registered twice', () => server.register(plugin))
  await attempt('no handler', () => server.route({ method: 'GET', path: '/none' }))
  await attempt('nothing', () => server.route(undefined))
  const order = []
  const extension = function extension(_, h) {
    order.push('first')
    return h.continue
  }
  server.ext('onPreHandler', extension)
  server.ext(
    Object.freeze([Object.freeze({ type: 'onPostHandler', method: (_, h) => (order.push('second'), h.continue) })]),
  )
  server.ext({ type: 'onPreResponse', method: [(_, h) => h.continue] })
  server.events.on({ name: 'request', channels: ['error'] }, (_, { error }) => say('error event', error))
  await server.start()
  for (const [path, options] of [
    ['/things/1'],
    ['/things'],
    ['/plugin/inside'],
    ['/echo', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }],
    ['/echo', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['/fails'],
    ['/rejects'],
    ['/takeover'],
  ]) {
    say(path, await ask(server.info.port, path, options).then(withoutDates))
  }
  const injected = await server.inject({ url: '/things/2', headers: Object.freeze({ a: 'b' }) })
  say('injected', injected.statusCode, injected.result, injected.request.route.path)
  say('order', order)
  await server.stop()
}

function withoutDates({ headers, ...rest }) {
  const { 'last-modified': _, ...others } = headers
  return { ...rest, headers: others }
}
