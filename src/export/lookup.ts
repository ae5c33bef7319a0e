import { lookup as lookUp, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/**
 * As `dns.lookup()`, but for `localhost`, which is known (RFC 6761, 6.3): the threads that node starts for the first lookup of a
 * process cost an end of it ten milliseconds.
 */
export const lookup: LookupFunction = (hostname, options, callback) => {
  if (hostname.toLowerCase() !== 'localhost') lookUp(hostname, options, callback)
  else if (options.all === true) callback(null, LOOPBACK)
  else callback(null, '127.0.0.1', 4)
}
