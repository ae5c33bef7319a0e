import { createRequire } from 'node:module'
import { createServer } from 'node:http'

// What the frameworks do that have their routers in their output: with the plugins as their users write them.
const require = createRequire(import.meta.url)
const nitroPlugin = require('../../register/plugins/nitro.cjs')
const { handle } = require('../../register/plugins/sveltekit.cjs')
const { onRequest } = require('../../register/plugins/astro.cjs')

const hooks = new Map()
nitroPlugin({ hooks: { hook: (name, listener) => hooks.set(name, listener) } })

/** Nitro's router sets the route between two of its hooks. */
function nitro(matchedRoute, path) {
  const event = { context: {}, path }
  hooks.get('request')(event)
  event.context.matchedRoute = matchedRoute
  return event.context.matchedRoute === matchedRoute
}

/** Nitro 3 has only the request by then; its context becomes the event's. */
function nitroByRequest(matchedRoute, url) {
  const req = { context: {}, url }
  hooks.get('request')({ req })
  req.context.matchedRoute = matchedRoute
  return req.context.matchedRoute === matchedRoute
}

const CASES = {
  '/nitro-2/7': () => nitro({ path: '/nitro-2/:id' }),
  '/nitro-3/7': () => nitro({ route: '/nitro-3/:id' }),
  '/nitro-3-request/7': () => nitroByRequest({ route: '/nitro-3-request/:id' }),
  // A page requests an endpoint of the same app in the process, and the framework the page of an error.
  '/nitro-2/8': () =>
    nitro({ path: '/nitro-2/:id' }, '/nitro-2/8') && nitro({ path: '/inner/:id' }, '/inner/1?x=/nitro-2/8'),
  '/nitro-3/8': () =>
    nitroByRequest({ route: '/nitro-3/:id' }, 'http://host/nitro-3/8?x=1') &&
    nitroByRequest({ route: '/inner/:id' }, 'http://host/inner/1'),
  '/base/nitro-2/9': () => nitro({ path: '/nitro-2/:id' }, '/nitro-2/9'),
  '/nitro-error': () => nitro({ path: '/__nuxt_error' }, '/__nuxt_error?url=/nitro-error'),
  '/sveltekit/8': () =>
    handle({ event: { route: { id: '/sveltekit/[id]' }, isSubRequest: false }, resolve: () => true }) &&
    handle({ event: { route: { id: '/inner/[id]' }, isSubRequest: true }, resolve: () => true }),
  '/nitro-page': () => nitro({ path: '/**' }),
  '/nitro-nothing': () => nitro(undefined),
  '/sveltekit/7': () => handle({ event: { route: { id: '/(shop)/sveltekit/[id]' } }, resolve: () => true }),
  '/sveltekit-root': () => handle({ event: { route: { id: '/(shop)' } }, resolve: () => true }),
  '/sveltekit-nothing': () => handle({ event: { route: { id: null } }, resolve: () => true }),
  '/astro/7': () => onRequest({ routePattern: '/astro/[id]' }, () => true),
  '/astro-nothing': () => onRequest({ routePattern: '/404' }, () => true),
}

const server = createServer(async (request, response) => {
  await new Promise((resolve) => setImmediate(resolve))
  response.end(String(await CASES[request.url]()))
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
