import { Readable } from 'node:stream'

async function each() {}

async function broken() {
  throw new Error('not sent')
}

function errorHandler(error, _request, reply) {
  void reply.code(500).send({ error: error.message })
}

export async function build(load) {
  const fastify = await load('fastify')
  // The Fastify adapter of Nest 12 imports this file as well.
  await load('fastify/lib/symbols.js')
  const app = fastify()
  app.addHook('onRequest', async function checks(request, reply) {
    if (request.url.startsWith('/private')) await reply.code(401).send('who are you?')
  })
  app.get('/users/:id', async function showUser(request) {
    return { id: request.params.id, query: request.query }
  })
  app.post('/users', { schema: { body: { type: 'object', required: ['name'] } } }, async () => 'made')
  app.get('/hooked', { onRequest: Array.from({ length: 12 }).fill(each) }, async function hooked() {
    return 'hooked'
  })
  app.get('/private/:what', async () => 'never')
  app.get('/files/*', async () => 'wildcard')
  app.get('/old', (_request, reply) => {
    // Two majors take its arguments in two orders.
    void reply.code(302).header('location', '/users/1').send()
  })
  app.get('/versioned', { constraints: { version: '1.2.0' } }, async () => 'version 1')
  app.get('/callback', function answers(_request, reply) {
    setImmediate(() => reply.send('called back'))
  })
  app.get('/missing/:id', (_request, reply) => reply.callNotFound())
  app.get('/stream', (_request, reply) => {
    reply.raw.write('a')
    setImmediate(() => reply.raw.end('b'))
    reply.hijack()
  })
  app.get('/hang', () => new Promise(() => {}))
  app.get('/fail', () => {
    throw new Error('thrown')
  })
  app.get('/fail-later', async () => {
    throw new Error('later')
  })
  app.get('/fail-stream', { errorHandler }, (_request, reply) =>
    reply.send(new Readable({ read: () => {} }).destroy(new Error('unreadable'))),
  )
  app.get('/fail-hook', { errorHandler, onSend: broken, preSerialization: broken }, async () => ({ a: 1 }))
  app.get('/fail-web-stream', { errorHandler }, (_request, reply) =>
    reply.send(new ReadableStream({ pull: (controller) => controller.error(new Error('unreadable')) })),
  )
  app.get('/fail-null', async () => {
    throw null
  })
  app.get('/unserialisable', (_request, reply) => {
    try {
      void reply.type('text/plain').send({ not: 'text' })
    } catch (error) {
      void reply.send(`thrown at the call: ${error.code}`)
    }
  })
  await app.register(
    async (inner) => {
      inner.get('/', async () => 'api')
      inner.get('/items/:item', async (request) => request.params)
      inner.setNotFoundHandler((_request, reply) => reply.code(404).send('no such thing in the API'))
    },
    { prefix: '/api/:tenant' },
  )
  app.setErrorHandler(async (error, _request, reply) => reply.code(error?.statusCode ?? 500).send({ error: String(error?.message) }))
  await app.ready()
  console.log(app.printRoutes({ includeHooks: true, includeMeta: true }), app.printPlugins())
  return app.server
}
