import { createServer } from 'node:http'
import { Readable } from 'node:stream'

/** The app's own `fetch` behind node's server: `listen` of its adapter takes a port alone, and does not say which it got. */
export async function build(load) {
  const exported = await load('elysia')
  const Elysia = exported.Elysia ?? exported
  const adapter = await load('@elysiajs/node')
  const api = new Elysia({ prefix: '/items' }).get('/:item', ({ params }) => params)
  const handled = new Elysia()
    .onError(({ error, path, query }) => {
      if (path.endsWith('/response')) return new Response(`handled ${query.x}`, { status: 500 })
      return path.endsWith('/text') ? `handled ${error.message}` : undefined
    })
    .get('/response', () => {
      throw new Error('thrown')
    })
    .get('/text', async () => {
      throw new Error('later')
    })
    .get('/passed', () => {
      throw new Error('passed')
    })
    .get('/refused', ({ status }) => {
      throw status(403, 'no')
    })
    .get('/keys', (context) => Object.keys(context).join())
  const app = new Elysia({ adapter: (adapter.node ?? adapter)() })
    .get('/users/:id', ({ params }) => params)
    .post('/users', ({ set }) => {
      set.status = 201
      return 'made'
    })
    .get('/files/*', () => 'wildcard')
    .get('/old', ({ redirect }) => redirect('http://host/users/1', 302))
    .get('/private/:what', ({ status }) => status(401, 'who are you?'))
    .get('/missing/:id', ({ status }) => status(404, 'none'))
    .get('/optional/:part?', () => 'optional')
    .all('/any/:thing', ({ request }) => request.method)
    .get('/text', 'a text')
    .get('/stream', async function* () {
      yield 'a'
      await new Promise((resolve) => setImmediate(resolve))
      yield 'b'
    })
    .get('/fail', () => {
      throw new Error('thrown')
    })
    .get('/fail-later', async () => {
      throw new Error('later')
    })
    .get('/refused', ({ status }) => {
      throw status(403, 'no')
    })
    // Requests within the process are none of the server's.
    .get('/calls/:id', async () => await (await app.handle(new Request('http://host/users/8'))).text())
    .get('/calls-failing', async () => String((await app.handle(new Request('http://host/fail'))).status))
    .get('/hang', () => new Promise(() => {}))
    .group('/api/:tenant', (group) => group.use(api))
    .group('/handled', (group) => group.use(handled))
    .guard({ beforeHandle: ({ headers, status }) => (headers['x-allowed'] ? undefined : status(403, 'no')) }, (guarded) =>
      guarded.get('/guarded/:id', () => 'inside'),
    )
  console.log(app.routes.map(({ method, path }) => `${method} ${path}`).join())
  return createServer(async (request, response) => {
    const { method, headers } = request
    const asked = new Request(`http://host${request.url}`, { method, headers, ...bodyOf(request) })
    const answer = await app.fetch(asked)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (answer.body === null) response.end()
    else Readable.fromWeb(answer.body).pipe(response)
  })
}

function bodyOf(request) {
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  return hasBody ? { body: Readable.toWeb(request), duplex: 'half' } : {}
}
