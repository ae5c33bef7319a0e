import { isIP } from 'node:net'

/** Returns whether a request may have this `Host` header (undefined when it has none). */
export type IsKnownHost = (host: string | undefined) => boolean

/**
 * Protects a side port on loopback against DNS rebinding: a web page can point a host name of its own to this machine
 * and read what is served. Only names that nobody else can own are accepted: localhost, addresses and the configured
 * host.
 */
export function hostCheck(listensOn: string): IsKnownHost {
  if (!/^(?:localhost|::1|127(?:\.\d{1,3}){3})$/.test(listensOn)) return () => true
  return (host) => {
    const name = (host ?? 'localhost').replace(/:\d{1,5}$/, '').toLowerCase()
    const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
    return bare === 'localhost' || bare.endsWith('.localhost') || bare === listensOn || isIP(bare) !== 0
  }
}
