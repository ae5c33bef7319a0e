'use strict'

const nameRoute = require('./name-route.cjs')

/**
 * Routes that are not the app's: the catch-all route renders pages, whose own router knows their pattern, and Nuxt
 * renders its error page.
 */
const INTERNAL = ['/**', '/__nuxt_error']

/** A plugin of Nitro 2 and 3, for a file in the app's `plugins` folder: `export { default } from '@paxx/obs/nitro'`. */
module.exports = function nitroPlugin({ hooks }) {
  hooks.hook('request', (event) => {
    // Nitro 3 passes only the request. Its context becomes that of the event.
    const context = event.context || (event.req && event.req.context)
    if (!context) return
    let matchedRoute
    // The route is set once the router has found it, before the handler runs, which may respond without any further
    // hook.
    Object.defineProperty(context, 'matchedRoute', {
      configurable: true,
      enumerable: true,
      get: () => matchedRoute,
      set(found) {
        matchedRoute = found
        const { path, route = path } = found ?? {}
        if (!INTERNAL.includes(route)) nameRoute(route, urlOf(event))
      },
    })
  })
}

/** Returns the path and query of an event. Nitro 3 has them as a URL. */
function urlOf({ path, req }) {
  if (typeof path === 'string') return path
  return req?.url?.replace(/^\w+:\/\/[^/]*/, '')
}
