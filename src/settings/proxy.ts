import { basicAuthorization, decoded } from '../base/url-parts.ts'
import { isLoopbackUrl } from './loopback.ts'
import type { ProxySettings } from './settings.ts'
import type { Values } from './values.ts'

/**
 * The variables of gRPC clients, of which the first one that is set applies:
 * https://github.com/grpc/grpc/blob/master/doc/environment_variables.md
 */
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const
const EXCEPTIONS = ['no_grpc_proxy', 'no_proxy'] as const

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * Returns the proxy for a gRPC endpoint; undefined when there is none, as for endpoints on this machine.
 * `endpointVariable` is the variable that sets the endpoint, if any. Data for an endpoint of the environment never goes
 * through a proxy set by the .env of the working directory.
 */
export function readProxy(
  values: Values,
  endpoint: string,
  endpointVariable: string | undefined,
): ProxySettings | undefined {
  const set = PROXIES.filter((name) => values.isSet(name))
  const host = endpoint.startsWith('unix:') ? 'localhost' : new URL(endpoint).hostname
  if (set.length === 0 || LOOPBACK.test(host)) return undefined
  if (isExcepted(host, exceptions(values))) return undefined
  const isOfSameFile = endpointVariable !== undefined && values.isFound(endpointVariable)
  const isForeign = (name: string): boolean =>
    !isOfSameFile && values.isFound(name) && !isLoopbackUrl(values.text(name) ?? '')
  for (const name of set.filter(isForeign)) {
    values.addProblem(
      name,
      `is not on this machine, and the endpoint is not from the same file; connecting to ${host} without it ` +
        '(set it in the environment, or OBS_ENV_FILE=.env there to trust the file)',
    )
  }
  const variable = set.find((name) => !isForeign(name))
  return variable === undefined ? undefined : proxyOf(values, variable, host)
}

/** Parses the URL of a proxy. Reports one that cannot be used for the endpoint on `host`, and returns undefined. */
function proxyOf(values: Values, variable: string, host: string): ProxySettings | undefined {
  const url = URL.parse(values.text(variable) ?? '')
  if (url?.protocol !== 'http:' || url.hostname === '') {
    values.addProblem(variable, `is not an http:// URL, which gRPC needs for a proxy; connecting to ${host} without it`)
    return undefined
  }
  const { username, password, port } = url
  const credentials = `${decoded(username)}:${decoded(password)}`
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    authorization: username === '' ? undefined : basicAuthorization(credentials),
  }
}

function exceptions(values: Values): readonly string[] {
  const variable = EXCEPTIONS.find((name) => values.isSet(name))
  const text = variable === undefined ? '' : (values.text(variable) ?? '')
  return text.split(/[\s,]+/).filter((entry) => entry !== '')
}

/** Returns whether a host matches a domain suffix, an address range, or `*`. */
function isExcepted(host: string, entries: readonly string[]): boolean {
  return entries.some((entry) => entry === '*' || isInRange(host, entry) || isPartOf(host, entry))
}

function isPartOf(host: string, entry: string): boolean {
  const domain = entry.toLowerCase().replace(/^\*?\./, '')
  return host === domain || host.endsWith(`.${domain}`)
}

function isInRange(host: string, range: string): boolean {
  const [base = '', bits = '', ...more] = range.split('/')
  if (more.length > 0 || !isIPv4(host) || !isIPv4(base) || !/^\d+$/.test(bits) || Number(bits) > 32) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(numberOf(host) / size) === Math.floor(numberOf(base) / size)
}

/**
 * Matches a part of an IPv4 address, as in `node:net`, which would load 26 modules of Node.js in a script that opens no
 * socket.
 */
const IPV4_PART = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)'
const IPV4 = new RegExp(`^${IPV4_PART}(?:\\.${IPV4_PART}){3}$`)

function isIPv4(host: string): boolean {
  return IPV4.test(host)
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
