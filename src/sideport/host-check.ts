import { isIP } from 'node:net'

/** Whether a request may name this host (its `Host` header, undefined where it has none). */
export type IsKnownHost = (host: string | undefined) => boolean

/**
 * For a side port that listens on loopback alone: a page in a browser can have a name of its own lead to this machine (DNS
 * rebinding) and read what is served. Names are known then that nobody else can own: localhost, addresses, the configured host.
 */
export function hostCheck(listensOn: string): IsKnownHost {
  if (!/^(?:localhost|::1|127(?:\.\d{1,3}){3})$/.test(listensOn)) return () => true
  return (host) => {
    const name = (host ?? 'localhost').replace(/:\d{1,5}$/, '').toLowerCase()
    const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
    return bare === 'localhost' || bare.endsWith('.localhost') || bare === listensOn || isIP(bare) !== 0
  }
}
