const status = (code, text) =>
  function answers(_request, response, next) {
    response.send(code, text)
    next()
  }

export async function build(load) {
  const restify = await load('restify')
  const server = restify.createServer({ name: 'matrix', handleUncaughtExceptions: false })
  server.pre(function pre(_request, _response, next) {
    next()
  })
  server.use(function logger(_request, _response, next) {
    next()
  })
  server.get('/users/:id', (request, response, next) => {
    response.send(request.params)
    next()
  })
  server.head('/users/:id', status(200))
  server.post('/users', status(201, 'made'))
  server.get('/files/*', (request, response, next) => {
    response.send(request.path())
    next()
  })
  server.get('/old', (_request, response, next) => response.redirect(302, '/users/1', next))
  server.get('/private/:what', status(401, 'who are you?'))
  server.get('/missing/:id', (_request, _response, next) => next(Object.assign(new Error('none'), { statusCode: 404 })))
  server.get('/stream', (_request, response, next) => {
    response.writeHead(200)
    response.write('a')
    setImmediate(() => {
      response.end('b')
      next(false)
    })
  })
  server.get('/hang', (_request, _response, _next) => {})
  server.get('/fail', (_request, _response, next) => next(new Error('passed on')))
  server.get('/fail-later', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('later')
  })
  server.get({ path: '/named/:id', name: 'named' }, [status(200, 'named')])
  server.get('/api/:tenant/items/:item', (request, response, next) => {
    response.send(request.params)
    next()
  })
  server.use(function after(_request, _response, next) {
    next()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server.server
}
