import { createServer } from 'node:http'

const say = (text, status = 200) =>
  function answers(_request, response) {
    response.statusCode = status
    response.end(text)
  }

export async function build(load) {
  const polka = await load('polka')
  const app = polka()
  app.use(function logger(_request, _response, next) {
    next()
  })
  app.get('/users/:id', (request, response) => response.end(request.params.id))
  app.head('/users/:id', say(''))
  app.post('/users', say('made', 201))
  app.get('/files/*', say('wildcard'))
  app.get('/optional/:part?', say('optional'))
  app.get('old', (_request, response) => response.writeHead(302, { location: '/users/1' }).end())
  app.get('/private/:what', say('who are you?', 401))
  app.get('/missing/:id', say('none', 404))
  app.get('/stream', (_request, response) => {
    response.write('a')
    setImmediate(() => response.end('b'))
  })
  app.get('/two/handlers', (_request, _response, next) => next(), say('two'))
  app.get('/hang', () => {})
  app.get('/fail', (_request, _response, next) => next(new Error('passed on')))
  app.get('/fail-later', (_request, _response, next) => setImmediate(() => next(new Error('later'))))
  app.get('/fail-text', (_request, _response, next) => next('only a text'))
  app.get('/refused', (_request, _response, next) => next(Object.assign(new Error('refused'), { code: 403 })))
  app.use('guarded', (request, response, next) => {
    if (request.headers['x-allowed'] === undefined) return say('no', 403)(request, response)
    next()
  })
  app.get('/guarded/page/:id', say('inside'))
  const deep = polka().get('/leaf/:leaf', say('leaf'))
  const inner = polka()
    .use('deep', deep)
    .get('/page/:id', (request, response) => response.end(request.url))
    .get('/', say('inner'))
  app.use('inner', inner)
  app.use('plain', createServer(say('plain')).listeners('request')[0])
  console.log(app.onError.name, app.handler.name, app.handler.length)
  return createServer(app.handler)
}
