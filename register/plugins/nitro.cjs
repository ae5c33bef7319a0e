'use strict'

const nameRoute = require('./name-route.cjs')

/** Not part of the app: the catch-all route renders pages, whose router knows more, and Nuxt renders its errors itself. */
const INTERNAL = ['/**', '/__nuxt_error']

/** A plugin of Nitro 2 and 3, for a file in the app's `plugins` folder: `export { default } from '@paxx/obs/nitro'`. */
module.exports = function nitroPlugin({ hooks }) {
  hooks.hook('request', (event) => {
    // Nitro 3 passes the request only, whose context becomes the event's.
    const context = event.context || (event.req && event.req.context)
    if (!context) return
    let matchedRoute
    // Set when the router has found the route, before the handler, which may respond without any further hook.
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

/** Returns path and query; in Nitro 3, a URL. */
function urlOf({ path, req }) {
  if (typeof path === 'string') return path
  return req?.url?.replace(/^\w+:\/\/[^/]*/, '')
}
