import type { Http2Session } from 'node:http2'

/** The other end of an HTTP/2 connection. */
export interface SessionPeer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/** Nothing where the connection is gone already: node throws then. */
export function sessionPeer(session: Http2Session | undefined): SessionPeer {
  try {
    const { remoteAddress, remotePort } = session?.socket ?? {}
    return { remoteAddress, remotePort }
  } catch {
    return {}
  }
}
