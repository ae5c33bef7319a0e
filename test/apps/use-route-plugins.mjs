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
function nitro(matchedRoute) {
  const event = { context: {} }
  hooks.get('request')(event)
  event.context.matchedRoute = matchedRoute
  return event.context.matchedRoute === matchedRoute
}

/** Nitro 3 has only the request by then; its context becomes the event's. */
function nitroByRequest(matchedRoute) {
  const req = { context: {} }
  hooks.get('request')({ req })
  req.context.matchedRoute = matchedRoute
  return req.context.matchedRoute === matchedRoute
}

const CASES = {
  '/nitro-2/7': () => nitro({ path: '/nitro-2/:id' }),
  '/nitro-3/7': () => nitro({ route: '/nitro-3/:id' }),
  '/nitro-3-request/7': () => nitroByRequest({ route: '/nitro-3-request/:id' }),
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
