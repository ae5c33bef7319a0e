import type { Agent, ClientRequest } from 'node:http'
import { defaultPortOf, type Target, targetOf, withBrackets } from './client-target.ts'

interface AgentFields extends Agent {
  readonly defaultPort?: number
  readonly options?: { readonly proxyEnv?: unknown }
}

type Request = ClientRequest & { readonly agent?: AgentFields | undefined; readonly socketPath?: string }

/** The port of a request; undefined if the request does not know it. */
type KnownPort = number | undefined

/** `port` overrides the port that the request itself reports. */
export function targetOfRequest(request: ClientRequest, port?: number): Target {
  const { protocol, host, method, path, agent, socketPath } = request as Request
  const scheme = protocol.endsWith(':') ? protocol.slice(0, -1) : protocol
  const shown = withBrackets(host)
  const known = port ?? portOf(request as Request, host, shown)
  const asked = known ?? agent?.defaultPort ?? defaultPortOf(scheme)
  const target = targetOf({ scheme, host: shown, port: asked }, method, path)
  if (typeof socketPath !== 'string' || socketPath === '') return target
  return { scheme, address: socketPath, port: undefined, url: target.url }
}

/**
 * Returns the port of the connection if it differs from the one that the request seemed to use: a request with the
 * default port of `https.request({ defaultPort })` names none. Returns undefined if the request was right, or if there
 * is a proxy or a connection of the app's own.
 */
export function connectionPort(
  request: ClientRequest,
  { port, scheme }: Target,
  connected: unknown,
): number | undefined {
  if (typeof connected !== 'number' || port === undefined) return undefined
  if (connected === port) return undefined
  const { agent, method, path, socketPath } = request as Request
  const isToServer = method !== 'CONNECT' && path.charCodeAt(0) === 47 /* / */
  if (!isToServer || socketPath) return undefined
  // The app requested another port explicitly, so whatever is in between is not corrected.
  if (port !== defaultPortOf(scheme) && port !== agent?.defaultPort) return undefined
  return isPlain(agent) ? connected : undefined
}

function isPlain(agent: AgentFields | undefined): boolean {
  if (agent === undefined || agent.options?.proxyEnv !== undefined) return false
  const { constructor } = agent
  const { Agent: HttpAgent } = process.getBuiltinModule('node:http')
  return constructor === HttpAgent || constructor === process.getBuiltinModule('node:https').Agent
}

/** Node.js does not store the port in the request. */
function portOf(request: Request, host: string, shown: string): KnownPort {
  const authority = authorityOf(request) ?? request.getHeader('host')
  if (typeof authority === 'string' && authority.startsWith(shown)) {
    if (authority.length === shown.length) return undefined
    const hasPort = authority.charCodeAt(shown.length) === 58 /* : */
    const port = hasPort ? Number(authority.slice(shown.length + 1)) : Number.NaN
    if (Number.isInteger(port)) return port
  }
  return portInNames(request.agent, host)
}

let authoritySymbol: symbol | null | undefined

/** Node.js 24 and later store the authority, without the port if it is the agent's default. */
function authorityOf(request: Request): unknown {
  if (authoritySymbol === undefined) {
    const symbols = Object.getOwnPropertySymbols(request)
    authoritySymbol = symbols.find(({ description }) => description === 'kAuthority') ?? null
  }
  return authoritySymbol === null ? undefined : (request as unknown as Record<symbol, unknown>)[authoritySymbol]
}

/**
 * Finds the port of a request whose `Host` the app has changed: an agent names its connections `host:port:…`. Returns
 * undefined if there are several for this host.
 */
function portInNames(agent: AgentFields | undefined, host: string): KnownPort {
  let found: KnownPort
  for (const names of [agent?.sockets, agent?.requests]) {
    for (const name in names) {
      if (!name.startsWith(`${host}:`)) continue
      const port = Number.parseInt(name.slice(host.length + 1), 10)
      if (!Number.isInteger(port)) return undefined
      if (found !== undefined && found !== port) return undefined
      found = port
    }
  }
  return found
}
