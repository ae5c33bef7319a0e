// packages: react-router, react
// without-spans: by default only the request has one
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt }) {
  const { createRequestHandler, matchRoutes, redirect } = await load('react-router')
  say('functions', createRequestHandler, matchRoutes, redirect)
  const seen = []
  const build = buildOf({ redirect, seen })
  const keys = JSON.stringify(Object.keys(build.routes))
  const handler = createRequestHandler(build, 'test')
  say('handler', handler, JSON.stringify(Object.keys(build.routes)) === keys, Object.isFrozen(build.routes))
  const server = createServer(async (request, response) => {
    const answer = await handler(new Request(`http://app.test${request.url}`, { method: request.method }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  for (const path of ['/things/1?a=b', '/nested/inside', '/moved', '/fails', '/nowhere', '/%E0%A4%A'])
    say(path, await ask(port, path))
  say('POST', await ask(port, '/things/1', { method: 'POST' }))
  server.close()
  say('loaders', seen)
  const later = createRequestHandler(() => build, 'test')
  say('a build that is made later', later, (await later(new Request('http://app.test/things/3'))).status)
  await attempt('twice', () => createRequestHandler(build, 'test') === handler)
  await attempt('no build', async () => {
    const none = createRequestHandler(undefined, 'test')
    return (await none(new Request('http://app.test/'))).status
  })
  await attempt('no request', () => handler(undefined))
}

/** The output of a build, of routes that answer without a page. */
function buildOf({ redirect, seen }) {
  const answering = (loader) => ({ loader, action: loader })
  const route = (id, path, module, parentId) => [id, Object.freeze({ id, path, parentId, module })]
  const routes = Object.freeze(
    Object.fromEntries([
      route('root', '', {}),
      route(
        'thing',
        'things/:id',
        answering(function loader({ params, request, ...rest }) {
          seen.push([params, request.url, request.method, Object.keys(rest).toSorted()])
          return Response.json(params)
        }),
        'root',
      ),
      route('nested', 'nested', {}, 'root'),
      route(
        'inside',
        'inside',
        answering(() => new Response('inside')),
        'nested',
      ),
      route(
        'moved',
        'moved',
        answering(() => redirect('/things/2')),
        'root',
      ),
      route(
        'fails',
        'fails',
        answering(() => {
          throw new RangeError('failed')
        }),
        'root',
      ),
    ]),
  )
  const assets = { entry: { module: '', imports: [] }, routes: {}, url: '/assets/manifest.js', version: '1' }
  for (const id of Object.keys(routes)) {
    const { path, parentId } = routes[id]
    assets.routes[id] = { id, path, parentId, module: '', hasLoader: true, hasAction: true, hasErrorBoundary: false }
  }
  return {
    routes,
    assets,
    entry: {
      module: {
        default: () => new Response('a page', { status: 500 }),
        handleError: ({ message }) => seen.push(['error', message]),
      },
    },
    future: {},
    ssr: true,
    isSpaMode: false,
    prerender: [],
    publicPath: '/',
    assetsBuildDirectory: 'build',
    basename: '/',
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
    allowedActionOrigins: [],
  }
}
