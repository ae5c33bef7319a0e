// packages: restify
// without-spans: by default only the request has one
// Older versions need http_parser, which Node 24 does not have.
// versions: newest
// flags: --disable-warning=DEP0040 --disable-warning=DEP0060 --disable-warning=DEP0111
import { ask } from '../ask.mjs'

export default async function ({ loadDefault, say, attempt }) {
  const restify = await loadDefault('restify')
  say('exports', restify.createServer)
  const server = restify.createServer(Object.freeze({ name: 'app' }))
  say('functions', server.use, server.pre, server.get)
  const handler = function handler(request, response, next) {
    response.send({ id: request.params.id, length: arguments.length })
    return next()
  }
  server.use(function first(request, response, next) {
    return next()
  })
  server.get('/users/:id', handler)
  server.get('/fails', (request, response, next) => next(new TypeError('fails')))
  await attempt('wrong handler', () => server.get('/x', 'text'))
  server.on('restifyError', (request, response, error, done) => {
    say('error', error)
    done()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of ['/users/1', '/fails', '/none']) await attempt(path, () => ask(server.address().port, path))
  await new Promise((resolve) => server.close(resolve))
}
