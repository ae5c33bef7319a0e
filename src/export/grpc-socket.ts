import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { OtlpSettings, ProxySettings } from '../settings/settings.ts'
import { ADDRESSES } from './host-lookup.ts'
import { withRefPolicy } from './handle-refs.ts'
import { withFewInformational } from './informational.ts'
import { readClientTls } from './client-tls.ts'

/** The settings that a connection needs; certificates default to the system's. */
export type ConnectionSettings = Pick<OtlpSettings, 'endpoint' | 'proxy'> & Partial<OtlpSettings>

/**
 * Opens a socket to a gRPC server over TCP, TLS or a Unix domain socket, directly or through an HTTP proxy. Rejects
 * with the reason.
 */
export async function openSocket(settings: ConnectionSettings, signal: AbortSignal): Promise<Socket> {
  const { endpoint, proxy } = settings
  if (endpoint.startsWith('unix:'))
    return await connected(withRefPolicy(connectTcp({ path: endpoint.slice('unix:'.length) })), 'connect', signal)
  const url = new URL(endpoint)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  // Created before the socket: it throws when a file is missing or malformed.
  const secureContext =
    url.protocol === 'https:'
      ? process.getBuiltinModule('node:tls').createSecureContext(readClientTls(settings))
      : undefined
  const socket = await (proxy === undefined
    ? connected(withRefPolicy(connectTcp({ host, port, noDelay: true, ...ADDRESSES })), 'connect', signal)
    : throughProxy(proxy, `${url.hostname}:${port}`, signal))
  return secureContext === undefined ? socket : await encrypted(socket, host, secureContext, signal)
}

async function encrypted(
  socket: Socket,
  host: string,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Socket> {
  const tls = process.getBuiltinModule('node:tls').connect({
    socket,
    host,
    // SNI takes a host name, not an address.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['h2'],
    secureContext,
  })
  return await connected(tls, 'secureConnect', signal)
}

/** Opens a tunnel with CONNECT (RFC 9110, 9.3.6). Bytes that follow the proxy's response belong to the server. */
function throughProxy(
  { host, port, authorization }: ProxySettings,
  target: string,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string): void => reject(new Error(`the proxy ${host}:${port} could not connect: ${reason}`))
    const request = process.getBuiltinModule('node:http').request({
      method: 'CONNECT',
      host,
      port,
      path: target,
      agent: false,
      signal,
      headers: { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    })
    request.on('socket', withRefPolicy)
    withFewInformational(request).on('connect', ({ statusCode, statusMessage }, socket: Socket, head) => {
      if (statusCode === 200) {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      } else {
        socket.destroy()
        failed(`HTTP ${statusCode} ${statusMessage}`)
      }
    })
    request.on('response', (response) => {
      response.destroy()
      failed(`HTTP ${response.statusCode}`)
    })
    request.on('error', (error) => failed(causeOf(error)))
    request.end()
  })
}

function connected<Connecting extends Socket>(
  socket: Connecting,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Connecting> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => void socket.destroy()
    const failed = (error?: Error): void => {
      signal.removeEventListener('abort', cancel)
      reject(error ?? new Error('the connection was closed while it was being made'))
    }
    signal.addEventListener('abort', cancel, { once: true })
    socket.once('error', failed)
    socket.once('close', () => failed())
    socket.once(event, () => {
      signal.removeEventListener('abort', cancel)
      socket.off('error', failed)
      resolve(socket)
    })
  })
}

/** Returns the reason as text. When several addresses were tried, it is the first one's. */
export function causeOf(thrown: unknown): string {
  const error: unknown = thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown
  return error instanceof Error ? error.message || error.name : String(error)
}
