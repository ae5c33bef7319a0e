import { createServer } from 'node:http'

const say = (text, status = 200) =>
  function answers(_request, response) {
    response.statusCode = status
    response.end(text)
  }

export async function build(load) {
  const Router = await load('router')
  const router = Router()
  router.use(function logger(_request, _response, next) {
    next()
  })
  const deep = Router()
  deep.get('/leaf/:leaf', say('leaf'))
  const api = Router()
  api.use(function passes(_request, _response, next) {
    next()
  })
  api.get('/items/:item', (request, response) => response.end(request.baseUrl))
  api.use('/deep', deep)
  api.get('/', say('api'))
  router.use('/api/:tenant', api)
  router.get('/users/:id', (request, response) => response.end(request.params.id))
  router.post('/users', say('made', 201))
  router.route('/both').get(say('got')).put(say('put'))
  router.all('/any/:thing', say('any'))
  router.get(['/one', '/two/:x'], say('several'))
  router.get(/^\/expression(s+)$/, say('expression'))
  router.get('/old', (_request, response) => response.writeHead(302, { location: '/users/1' }).end())
  router.get('/private/:what', say('who are you?', 401))
  router.get('/missing/:id', say('none', 404))
  router.get('/stream', (_request, response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  })
  router.get('/passed-on', (_request, _response, next) => next())
  router.get('/fail', () => {
    throw new Error('thrown')
  })
  router.get('/fail-later', (_request, _response, next) => setImmediate(() => next(new Error('later'))))
  router.get('/refused', (_request, _response, next) => next(Object.assign(new Error('refused'), { status: 403 })))
  router.get('/hang', () => {})
  return createServer((request, response) => {
    router(request, response, (error) => {
      response.statusCode = error ? (error.status ?? 500) : 404
      response.end(error ? 'failed' : 'none')
    })
  })
}
