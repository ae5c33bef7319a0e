// packages: connect
// without-spans: by default only the request has one
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

const PATHS = [
  '/mounted/a',
  '/server/a',
  '/handle/a',
  '/inner/a',
  '/fails',
  '/awaits',
  '/sub/fails',
  '/sub/passes',
  '/sub/none',
  '/none',
]

export default async function ({ loadDefault, say, attempt, stackOf }) {
  const connect = await loadDefault('connect')
  say('connect', connect)
  const app = connect()
  const first = Object.freeze(function first(request, response, next) {
    response.setHeader('x-length', arguments.length)
    next()
  })
  say(
    'chained',
    app.use(first) === app,
    app.use('/mounted', (request, response) => response.end(`${request.originalUrl} ${request.url}`)) === app,
  )
  app.use(
    '/server',
    createServer((request, response) => response.end(`a server: ${request.url}`)),
  )
  app.use('/handle', { handle: (request, response) => response.end(`a handle: ${request.url}`) })
  app.use(connect().use('/inner', (request, response) => response.end(`an app: ${request.url}`)))
  app.use('/fails', () => {
    throw new TypeError('fails')
  })
  app.use('/awaits', async (request, response, next) => {
    await Promise.resolve()
    next(new TypeError('awaits'))
  })
  app.use(
    '/sub',
    connect()
      .use((request, response, next) => next())
      .use('/fails', () => {
        throw new TypeError('below an app')
      })
      .use('/passes', (request, response, next) => next()),
  )
  app.use('/sub/passes', (request, response, next) => next(new TypeError('after an app')))
  app.use('/skipped', function skipped(request, response) {
    response.end('never')
  })
  app.use(function onError(error, request, response, next) {
    say(`error of ${request.originalUrl}`, error, arguments.length, stackOf(error), request.url)
    response.writeHead(500).end(error.message)
  })
  say(
    'stack',
    app.stack.map(({ route, handle }) => [route, handle.name, handle.length]),
    app.stack[0].handle === first,
    Object.getOwnPropertyDescriptor(app, 'stack'),
    app.handle,
  )
  const server = createServer(app)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of PATHS) await attempt(path, () => ask(server.address().port, path))
  say('stack afterwards', app.stack[0].handle === first, app.stack.length)
  server.close()
}
