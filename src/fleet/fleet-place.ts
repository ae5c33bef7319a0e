import type { FleetInput } from './fleet-input.ts'

/** Where the metrics of this process are served, for the start line. */
export type Place = string

/** `address` is, for example, `http://localhost:9464`. */
export function servedAt(address: string): Place {
  return `metrics on ${address}/metrics`
}

/** The place of a member: another process of the service serves its metrics. */
export function sharedAt(address: string): Place {
  return `${servedAt(address)}, shared with the service`
}

export function withPage(place: Place, address: string): Place {
  return `${place}, page on ${forBrowsers(address)}/`
}

/** Replaces a wildcard address, which browsers do not open, by `localhost`. */
function forBrowsers(address: string): string {
  return address.replace(/^(https?:\/\/)(?:0\.0\.0\.0|\[::\]):/, '$1localhost:')
}

/** Says that a port is in use, and why it cannot be shared when that has a reason (`folderProblem`). */
export function portInUse(
  { host, port }: Pick<FleetInput, 'host' | 'port'>,
  hasFolder: boolean,
  folderProblem: string | undefined,
): string {
  const who = hasFolder ? ' by another program or service' : ''
  const problem = folderProblem === undefined ? '' : ` and cannot be shared (${folderProblem})`
  return `${host.includes(':') ? `[${host}]` : host}:${port} is in use${who}${problem}`
}
