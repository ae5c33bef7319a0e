// packages: router
// without-spans: by default only the request has one
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt }) {
  const Router = await loadDefault('router')
  say('functions', Router, Router.Route, Router.prototype)
  const router = Router()
  const handler = function handler(request, response) {
    response.end(JSON.stringify(request.params))
  }
  router.use(function first(request, response, next) {
    next()
  })
  router.get('/users/:id', handler)
  router.get('/fails', (request, response, next) => next(new TypeError('fails')))
  say(
    'stack',
    router.stack.map(({ name, handle }) => [name, handle.name, handle.length]),
  )
  say('identity', router.stack[1].route.stack[0].handle === handler)
  await attempt('wrong handler', () => router.use('text'))
  const server = createServer((request, response) =>
    router(request, response, (error) => {
      say('left', error)
      response.writeHead(404).end()
    }),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of ['/users/1', '/fails', '/none']) await attempt(path, () => ask(server.address().port, path))
  server.close()
}
