import { createServer } from 'node:http'

const status = (code, text) => (_request, response) => {
  response.statusCode = code
  response.end(text)
}

/** The router on its own, without a framework. */
export async function build(load) {
  const FindMyWay = await load('find-my-way')
  const router = FindMyWay({
    defaultRoute(_request, response) {
      response.statusCode = 404
      response.end('nothing')
    },
  })
  router.on('GET', '/users/:id', (_request, response, params) => response.end(params.id))
  router.on('HEAD', '/users/:id', (_request, response) => response.end())
  router.on(['POST', 'PUT'], '/users', {}, status(201, 'made'), { some: 'store' })
  router.get('/files/*', (request, response) => response.end(request.url))
  router.on('GET', '/old', (_request, response) => response.writeHead(302, { location: '/users/1' }).end())
  router.on('GET', '/private/:what', status(401, 'who are you?'))
  router.on('GET', '/missing/:id', status(404, 'none'))
  router.on('GET', '/stream', (_request, response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  })
  router.on('GET', '/hang', () => {})
  router.on('GET', '/fail', status(500, 'failed'))
  router.on('GET', '/optional/:part?', status(200, 'optional'))
  router.on('GET', '/at/:hour(^\\d+$)h:minute(^\\d+$)m', (_request, response, params) => response.end(JSON.stringify(params)))
  router.on('GET', '/versioned', { constraints: { version: '1.2.0' } }, status(200, 'versioned'))
  router.on('GET', '/api/:tenant/items/:item', (_request, response, params) => response.end(JSON.stringify(params)))
  const compiled = FindMyWay()
  compiled.on('GET', '/compiled/:id', (_request, response, params) => response.end(params.id))
  // Since find-my-way 9.10.
  compiled.compile?.()
  return createServer((request, response) =>
    (request.url.startsWith('/compiled/') ? compiled : router).lookup(request, response),
  )
}
