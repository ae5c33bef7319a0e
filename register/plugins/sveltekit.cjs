'use strict'

const nameRoute = require('./name-route.cjs')

/**
 * A hook of SvelteKit, for `src/hooks.server.js`: `export { handle } from '@paxx/obs/sveltekit'`, or an argument of
 * `sequence()`.
 */
exports.handle = function handle({ event, resolve }) {
  // Groups are not part of the path: /(shop)/cart is /cart.
  nameRoute(event.route.id?.replaceAll(/\/\([^/)]*\)/g, '') || (event.route.id && '/'))
  return resolve(event)
}
