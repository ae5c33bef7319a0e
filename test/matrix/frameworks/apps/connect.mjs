import { createServer } from 'node:http'

export async function build(load) {
  const connect = await load('connect')
  const app = connect()
  app.use(function logger(_request, _response, next) {
    next()
  })
  app.use('/passes', (_request, _response, next) => next())
  app.use('/users', function users(request, response) {
    response.end(request.url)
  })
  const inner = connect()
  inner.use('/deep', (_request, response) => response.end('deep'))
  app.use('/inner', inner)
  app.use('/server', createServer((_request, response) => response.end('a server')))
  app.use('/handle', { handle: (_request, response) => response.end('an object') })
  inner.use('/fails', () => {
    throw new Error('inside')
  })
  const innermost = connect()
  innermost.use('/leaf', (_request, response) => response.end('leaf'))
  inner.use('/innermost/', innermost)
  app.use('/refused', (_request, _response, next) => next(Object.assign(new Error('refused'), { status: 403 })))
  app.use('/private', (_request, response) => {
    response.statusCode = 401
    response.end('who are you?')
  })
  app.use('/old', (_request, response) => response.writeHead(302, { location: '/users/1' }).end())
  app.use('/stream', (_request, response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  })
  app.use('/missing', (_request, response) => {
    response.statusCode = 404
    response.end('none')
  })
  app.use('/fail-later', (_request, _response, next) => setImmediate(() => next(new Error('later'))))
  app.use('/two', (_request, _response, next) => next())
  app.use('/two', (_request, response) => response.end('two'))
  app.use('/fail', () => {
    throw new Error('thrown')
  })
  app.use('/hang', () => {})
  app.use((request, response, next) => {
    if (request.url === '/root') response.end('root')
    else next()
  })
  app.use((error, _request, response, _next) => {
    response.statusCode = error.status ?? 500
    response.end(error.message)
  })
  return createServer(app)
}
