import type { Http2Session } from 'node:http2'

/** The remote end of an HTTP/2 connection. */
export interface SessionPeer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/** Returns an empty object if the connection is already closed, for which Node.js throws. */
export function sessionPeer(session: Http2Session | undefined): SessionPeer {
  try {
    const { remoteAddress, remotePort } = session?.socket ?? {}
    return { remoteAddress, remotePort }
  } catch {
    return {}
  }
}
