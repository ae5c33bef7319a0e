'use strict'

const OBS = Symbol.for('@paxx/obs')
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')

/** Names the route of the active request. Does nothing without a running preload. */
module.exports = function nameRoute(route) {
  const active = globalThis[OBS]?.activeContext?.()
  const served = active?.getValue(RPC_METADATA)
  if (served !== undefined && typeof route === 'string' && route !== '') served.route = route
}
