import { isLoopback } from './loopback.ts'
import type { PageSettings, SidePortSettings } from './settings.ts'
import type { Values } from './values.ts'

/**
 * `OBS_PAGE`. `auto` is on where only this machine can reach the side port, outside of production. Elsewhere the page needs
 * `true` and the side port's authentication: it shows requests, statements and errors.
 */
export function readPage(values: Values, sidePort: SidePortSettings, nodeEnv: string | undefined): PageSettings {
  return {
    isOn: isOn(values, sidePort, nodeEnv),
    recentBytes: values.integer('OBS_PAGE_BUFFER'),
    hosts: values.list('OBS_PAGE_HOSTS') ?? [],
  }
}

function isOn(values: Values, sidePort: SidePortSettings, nodeEnv: string | undefined): boolean {
  const wanted = values.choice('OBS_PAGE')
  if (wanted === 'false') return false
  const isLocal = isLoopback(sidePort.host)
  if (isLocal && nodeEnv !== 'production') return true
  if (wanted === 'auto') return false
  if (sidePort.basicAuth !== undefined || sidePort.tls?.clientCaFile !== undefined) return true
  const where = isLocal ? 'NODE_ENV is production' : `the side port listens on ${sidePort.host}`
  values.complain(
    'OBS_PAGE',
    `needs a password or client certificates where ${where}; the page stays off (set OBS_SIDE_PORT_USER and OBS_SIDE_PORT_PASSWORD_HASH)`,
  )
  return false
}
