// packages: router
// without-spans: by default only the request has one
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt, stackOf }) {
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
  router.get('/throws', () => {
    throw new RangeError('at once')
  })
  const items = Router({ mergeParams: true })
  items.param('item', (request, response, next, value) => {
    if (value === 'own') return response.end('answered by param')
    if (value === 'later') return setTimeout(next, 5)
    return next(value === 'bad' ? new RangeError('bad item') : undefined)
  })
  items.get('/:item/throws', () => {
    throw new RangeError('below param')
  })
  items.get('/:item', (request, response) => response.end(`${request.baseUrl} ${request.route.path}`))
  router.use('/items/:kind', items)
  say(
    'stack',
    router.stack.map(({ name, handle }) => [name, handle.name, handle.length]),
  )
  say('identity', router.stack[1].route.stack[0].handle === handler)
  await attempt('wrong handler', () => router.use('text'))
  const server = createServer((request, response) =>
    router(request, response, (error) => {
      say(`left by ${request.originalUrl}`, error, stackOf(error), stackOf(new Error('here')))
      response.writeHead(404).end()
    }),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const paths = ['/users/1', '/fails', '/throws', '/items/a/1', '/items/a/own', '/items/a/bad', '/items/a/1/throws']
  for (const path of [...paths, '/items/a/later/throws', '/items/a', '/none'])
    await attempt(path, () => ask(server.address().port, path))
  server.close()
}
