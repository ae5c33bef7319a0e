'use strict'

const nameRoute = require('./name-route.cjs')

/** A plugin of Nitro 2 and 3, for a file in the app's folder `plugins`: `export { default } from '@paxx/obs/nitro'`. */
module.exports = function nitroPlugin({ hooks }) {
  hooks.hook('request', (event) => {
    // Nitro 3 calls it with the request alone, whose context becomes the event's.
    const context = event.context || (event.req && event.req.context)
    if (!context) return
    let matchedRoute
    // Set once the router has found it, before the handler, which may answer without any further hook.
    Object.defineProperty(context, 'matchedRoute', {
      configurable: true,
      enumerable: true,
      get: () => matchedRoute,
      set(found) {
        matchedRoute = found
        const { path, route = path } = found ?? {}
        // What takes all renders pages, whose router knows more.
        if (route !== '/**') nameRoute(route)
      },
    })
  })
}
