// packages: polka
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt }) {
  const polka = await loadDefault('polka')
  say('functions', polka)
  const app = polka({
    onError: (error, _, response) => ((response.statusCode = 500), response.end(String(error?.message ?? error))),
  })
  say('app', Object.keys(app).toSorted(), app.use, app.handler, app.listen)
  const seen = []
  const first = Object.freeze(function first(request, _, next) {
    seen.push(request.path, typeof next, next.length)
    next()
  })
  await attempt('use', () => app.use(first) === app)
  say('kept', app.wares.includes(first))
  app.get('/things/:id', (request, response) =>
    response.end(`${request.params.id} ${request.url} ${request.originalUrl}`),
  )
  // What a handler throws ends the process.
  app.get('/fails', (request, response, next) => next(new RangeError('failed')))
  app.use(
    '/nested',
    polka().get('/inside', (request, response) => response.end(request.url)),
  )
  app.listen(0, '127.0.0.1')
  await new Promise((resolve) => (app.server.listening ? resolve() : app.server.once('listening', resolve)))
  for (const path of ['/things/1?a=b', '/nested/inside', '/fails', '/nowhere'])
    say(path, await ask(app.server.address().port, path))
  say('seen', seen)
  await attempt('no handler', () => app.get('/none') === app)
  await attempt('used nothing', () => app.use() === app)
  app.server.close()
}
