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
  app.use('/fail', () => {
    throw new Error('thrown')
  })
  app.use('/hang', () => {})
  app.use((request, response, next) => {
    if (request.url === '/root') response.end('root')
    else next()
  })
  app.use((error, _request, response, _next) => {
    response.statusCode = 500
    response.end(error.message)
  })
  return createServer(app)
}
