'use strict'

const OBS = Symbol.for('@paxx/obs')
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')

/**
 * Names the route of the active request. Does nothing without a running preload. `url` is the path and query that the
 * framework serves, without the app's base path. It belongs to another request if the framework calls itself in the
 * process, as `$fetch('/api/items')` does in a page of Nuxt.
 */
module.exports = function nameRoute(route, url) {
  const active = globalThis[OBS]?.activeContext?.()
  const served = active?.getValue(RPC_METADATA)
  if (served === undefined || typeof route !== 'string' || route === '') return
  if (typeof url === 'string' && !pathOf(served.url).endsWith(pathOf(url))) return
  served.route = route
}

function pathOf(url) {
  const path = String(url).split('?', 1)[0]
  return path === '/' ? '' : path
}
