'use strict'

const nameRoute = require('./name-route.cjs')

/**
 * A hook of SvelteKit, for `src/hooks.server.js`: `export { handle } from '@paxx/obs/sveltekit'`, or an argument of
 * `sequence()`.
 */
exports.handle = function handle({ event, resolve }) {
  // `event.fetch('/api/items')` of a page is served in the process.
  if (event.isSubRequest === true) return resolve(event)
  // Groups are not part of the path: /(shop)/cart is /cart.
  nameRoute(event.route.id?.replaceAll(/\/\([^/)]*\)/g, '') || (event.route.id && '/'))
  return resolve(event)
}
