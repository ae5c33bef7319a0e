'use strict'

const nameRoute = require('./name-route.cjs')

/** A hook of SvelteKit, in `src/hooks.server.js`: `export { handle } from '@paxx/obs/sveltekit'`, or one of those of `sequence()`. */
exports.handle = function handle({ event, resolve }) {
  // Groups are no part of the path: /(shop)/cart is /cart.
  nameRoute(event.route.id?.replaceAll(/\/\([^/)]*\)/g, '') || (event.route.id && '/'))
  return resolve(event)
}
