import { createServer } from 'node:http'

export async function build(load) {
  const polka = await load('polka')
  const app = polka()
  app.use(function logger(_request, _response, next) {
    next()
  })
  app.get('/users/:id', (request, response) => response.end(request.params.id))
  app.get('/missing/:id', (_request, response) => {
    response.statusCode = 404
    response.end('none')
  })
  app.get('/hang', () => {})
  app.use('inner', polka().get('/page/:id', (request, response) => response.end(request.url)))
  return createServer(app.handler)
}
