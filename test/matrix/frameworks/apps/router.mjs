import { createServer } from 'node:http'

export async function build(load) {
  const Router = await load('router')
  const router = Router()
  const api = Router()
  api.get('/items/:item', (request, response) => response.end(request.baseUrl))
  router.use('/api/:tenant', api)
  router.get('/users/:id', (request, response) => response.end(request.params.id))
  router.get('/fail', () => {
    throw new Error('thrown')
  })
  router.get('/hang', () => {})
  return createServer((request, response) => {
    router(request, response, (error) => {
      response.statusCode = error ? 500 : 404
      response.end(error ? 'failed' : 'none')
    })
  })
}
