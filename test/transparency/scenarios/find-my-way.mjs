// packages: find-my-way
// without-spans: by default only the request has one
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt, stackOf }) {
  const makeRouter = await loadDefault('find-my-way')
  const router = makeRouter({ defaultRoute: (_, response) => response.writeHead(404).end('none') })
  say('functions', makeRouter, router.on, router.find, router.findRoute, router.lookup, router.get)
  const seen = []
  const handler = Object.freeze(function handler(request, response, params, store, query) {
    seen.push([request.url, { ...params }, store, { ...query }, arguments.length, this === undefined])
    say(`stack of ${request.url}`, stackOf(new Error('in a handler')))
    response.end('found')
  })
  const store = Object.freeze({ of: 'the app' })
  await attempt('on', () => router.on('GET', '/things/:id', handler, store))
  await attempt('several methods', () => router.on(['PUT', 'POST'], '/things', {}, handler))
  await attempt('optional', () => router.get('/pages/:page?', handler))
  await attempt('versioned', () =>
    router.on('GET', '/versioned', Object.freeze({ constraints: { version: '1.0.0' } }), handler),
  )
  await attempt('twice', () => router.get('/things/:id', handler))
  await attempt('no handler', () => router.get('/none'))
  await attempt('wrong path', () => router.get('none', handler))
  say(
    'routes',
    router.routes.map(({ method, path, handler: own, store: given }) => [
      method,
      path,
      own === handler,
      given === store,
    ]),
  )
  const found = router.find('GET', '/things/7')
  say('found', found, found.handler === handler)
  say('route found', router.findRoute('GET', '/things/:id')?.handler === handler, router.hasRoute('GET', '/things/:id'))
  say('not found', router.find('GET', '/nowhere'))
  say('printed', router.prettyPrint({ commonPrefix: false }))
  const server = createServer((request, response) => router.lookup(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  for (const path of ['/things/1?a=b', '/pages', '/pages/2', '/nowhere']) say(path, await ask(port, path))
  router.compile?.()
  for (const path of ['/things/2?a=b', '/pages', '/nowhere']) say(`compiled: ${path}`, await ask(port, path))
  say('found by the compiled router', router.find('GET', '/things/7')?.handler === handler)
  say('another version', await ask(port, '/versioned', { headers: { 'accept-version': '1.x' } }))
  server.close()
  say('seen', seen)
  router.off('GET', '/things/:id')
  say('after off', router.find('GET', '/things/7'), router.routes.length)
}
