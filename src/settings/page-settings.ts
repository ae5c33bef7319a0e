import { isLoopback } from './loopback.ts'
import type { PageSettings, SidePortSettings } from './settings.ts'
import type { Values } from './values.ts'

/**
 * Reads the page's settings. With `OBS_PAGE=auto` the page is on when only this machine can reach the side port, except
 * in production. Otherwise it needs `true` and authentication on the side port, since it shows requests, statements and
 * errors.
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
  values.addProblem(
    'OBS_PAGE',
    `needs a password or client certificates where ${where}; the page stays off (set OBS_SIDE_PORT_USER and OBS_SIDE_PORT_PASSWORD_HASH)`,
  )
  return false
}
