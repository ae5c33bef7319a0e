'use strict'

const nameRoute = require('./name-route.cjs')

/**
 * A middleware of Astro 5 and 6, for `src/middleware.js`: `export { onRequest } from '@paxx/obs/astro'`, or an argument
 * of `sequence()`.
 */
exports.onRequest = function onRequest({ routePattern }, next) {
  if (routePattern !== '/404') nameRoute(routePattern)
  return next()
}
