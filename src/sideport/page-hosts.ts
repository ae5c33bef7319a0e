import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { IsKnownHost } from './host-check.ts'

/**
 * Returns which host names a browser may open the page under: those that nobody else can own, and those that the user
 * names. Under another name, a foreign page may have pointed its host name to this address (DNS rebinding).
 */
export function pageHostCheck(named: readonly string[]): IsKnownHost {
  const own = hostname().toLowerCase()
  const wanted = named.map((name) => name.toLowerCase())
  return (host) => {
    const name = (host ?? '').replace(/:\d{1,5}$/, '').toLowerCase()
    const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
    return (
      bare === 'localhost' ||
      bare.endsWith('.localhost') ||
      bare === own ||
      isIP(bare) !== 0 ||
      wanted.some((each) => (each.startsWith('*.') ? bare.endsWith(each.slice(1)) : bare === each))
    )
  }
}
